export { tellOfSilence } from './tell-of-silence.ts';
