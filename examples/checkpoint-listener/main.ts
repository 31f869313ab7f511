/**
 * A service that does something for each stored checkpoint. Run it: `npm run build && node
 * dist/examples/checkpoint-listener/main.js`
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.createApplicationContext(AppModule);
app.enableShutdownHooks();
