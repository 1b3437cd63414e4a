export { givingBanners } from './banner.ts';
export { beginEmergency, NothingToEnd } from './begin-emergency.ts';
export { createSweeper, type Sweeper } from './sweeper.ts';
export { tellOfSilence } from './tell-of-silence.ts';
