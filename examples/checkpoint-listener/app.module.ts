import { Module } from '@nestjs/common';
import { CheckpointListener } from './checkpoint-listener.js';
import { Reviewers } from './reviewers.js';

@Module({ providers: [CheckpointListener, Reviewers] })
export class AppModule {}
