export { ACTIVITY_QUEUES, registerActivityJobs } from './jobs.ts';
export { type ActivitySection, activitySection } from './section.ts';
