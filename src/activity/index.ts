export { ACTIVITY_QUEUES, registerActivityJobs } from './jobs.ts';
export { activitySection } from './section.ts';
