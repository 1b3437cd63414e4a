export { askComparison } from './ask-comparison.ts';
export { decideFinding, type FindingDecision } from './decide-finding.ts';
export { compareNeglected, registerDriftJobs } from './jobs.ts';
export { driftNavCounts } from './nav-counts.ts';
export { countOpenFindings } from './page-queries.ts';
export { DRIFT_QUEUES } from './queues.ts';
export { standsOutside } from './standing-queries.ts';
export { workAsked, workRolling } from './work.ts';
