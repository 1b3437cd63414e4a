export { givingBanners } from './banner.ts';
export { commandLineActor, declareRestored, RESTORE_PAGE, runningReplicas } from './restore-declare.ts';
export { type Revoke, revoke } from './revoke.ts';
export { createSweeper, type Sweeper } from './sweeper.ts';
export { tellOfSilence } from './tell-of-silence.ts';
