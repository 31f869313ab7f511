import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({
  name: 'heartbeat_listener',
  comment:
    'Since when the heartbeats of daemons have been listened to without a gap: silence that nobody could have broken proves nothing',
})
@Check('heartbeat_listener_one_row', 'id')
export class HeartbeatListener {
  @PrimaryColumn({ type: 'boolean', default: true })
  id!: boolean;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  listeningSince!: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  lastSeenAt!: Date;
}
