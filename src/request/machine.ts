import type { RequestStatus } from './types.ts';

/** What the machine needs to know of a request. */
export interface RequestState {
  status: RequestStatus;
  requesterId: string;
  durationMinutes: number;
  expiresAt: Date;
  steps: { approvalsNeeded: number }[];
  decisions: PastDecision[];
}

export interface PastDecision {
  approverId: string;
  verdict: 'approve' | 'reject';
  step: number;
  durationMinutes: number | null;
}

export type RequestCommand =
  /** `durationMinutes`: where the approver gives less than was asked for. */
  | { kind: 'approve'; durationMinutes?: number }
  | { kind: 'reject' }
  | { kind: 'cancel' }
  /** `pointless`: what it asks for can no longer be, whatever time is left. */
  | { kind: 'expire'; pointless?: boolean };

export interface DecideContext {
  now: Date;
  /** Who acts; null: the portal itself. */
  actorId: string | null;
  /** The steps, by index, that the actor is an approver of right now. */
  approvableSteps: number[];
}

export type Refusal =
  | 'not-pending'
  | 'too-late'
  | 'not-due'
  | 'own-request'
  | 'decided-before'
  | 'not-approver'
  | 'not-your-step'
  | 'not-shorter'
  | 'not-requester';

export interface Moved {
  kind: 'moved';
  state: RequestState;
  /** The decision that was added, if one was. */
  decision: PastDecision | null;
  /** What an approved request gives; null until it is approved. */
  approvedMinutes: number | null;
}

export type Outcome = Moved | { kind: 'refused'; refusal: Refusal };

/** How long people may look ahead: whatever was true of their rights is stale long before. */
const FARTHEST_START_DAYS = 90;
/** A form that was filled in for "now" may be sent a little later. */
const PAST_START_TOLERANCE_MS = 5 * 60_000;

export type SubmitOutcome =
  | { kind: 'submitted'; status: 'pending' | 'approved'; expiresAt: Date }
  | { kind: 'refused'; refusal: StartRefusal };

export type StartRefusal = 'start-in-past' | 'start-too-far';

/** Why nothing can be asked for from this start; null where it can. */
export function refusesStart(startsAt: Date, now: Date): StartRefusal | null {
  if (startsAt.getTime() < now.getTime() - PAST_START_TOLERANCE_MS) return 'start-in-past';
  if (startsAt.getTime() > now.getTime() + FARTHEST_START_DAYS * 86_400_000) return 'start-too-far';
  return null;
}

/**
 * Opens a request: pending, or approved at once where no approval is needed. It expires when it has waited
 * `waitMinutes`, or when the requested window would be over, whichever is first.
 */
export function submit(
  ask: { startsAt: Date | null; durationMinutes: number; approvalNeeded: boolean },
  context: { now: Date; waitMinutes: number },
): SubmitOutcome {
  const now = context.now.getTime();
  const waitEnds = now + context.waitMinutes * 60_000;
  const status = ask.approvalNeeded ? 'pending' : 'approved';
  if (ask.startsAt === null) return { kind: 'submitted', status, expiresAt: new Date(waitEnds) };
  const start = ask.startsAt.getTime();
  const refusal = refusesStart(ask.startsAt, context.now);
  if (refusal !== null) return { kind: 'refused', refusal };
  const windowOver = Math.max(start, now) + ask.durationMinutes * 60_000;
  return { kind: 'submitted', status, expiresAt: new Date(Math.min(waitEnds, windowOver)) };
}

/** What a command makes of a request, or why it may not. Decides nothing from outside its arguments. */
export function decide(state: RequestState, command: RequestCommand, context: DecideContext): Outcome {
  if (state.status !== 'pending') return refused('not-pending');
  switch (command.kind) {
    case 'expire':
      return context.now < state.expiresAt && !command.pointless ? refused('not-due') : closed(state, 'expired');
    case 'cancel':
      return context.actorId === state.requesterId ? closed(state, 'cancelled') : refused('not-requester');
    case 'reject':
      return decideStep(state, context, (actorId) => {
        const step = context.approvableSteps[0];
        if (step === undefined) return refused('not-approver');
        const decision: PastDecision = { approverId: actorId, verdict: 'reject', step, durationMinutes: null };
        const moved = { ...state, status: 'rejected' as const, decisions: [...state.decisions, decision] };
        return { kind: 'moved', state: moved, decision, approvedMinutes: null };
      });
    case 'approve':
      return decideStep(state, context, (actorId) => approve(state, command.durationMinutes, actorId, context));
  }
}

function decideStep(state: RequestState, context: DecideContext, go: (actorId: string) => Outcome): Outcome {
  if (context.actorId === null) return refused('not-approver');
  if (context.actorId === state.requesterId) return refused('own-request');
  if (context.now >= state.expiresAt) return refused('too-late');
  if (state.decisions.some((each) => each.approverId === context.actorId)) return refused('decided-before');
  return go(context.actorId);
}

function approve(state: RequestState, shorter: number | undefined, actorId: string, context: DecideContext): Outcome {
  const step = currentStep(state);
  if (context.approvableSteps.length === 0) return refused('not-approver');
  if (!context.approvableSteps.includes(step)) return refused('not-your-step');
  const most = minutesLeft(state);
  if (shorter !== undefined && (!Number.isInteger(shorter) || shorter < 1 || shorter > most)) {
    return refused('not-shorter');
  }
  const durationMinutes = shorter === undefined || shorter === state.durationMinutes ? null : shorter;
  const decision: PastDecision = { approverId: actorId, verdict: 'approve', step, durationMinutes };
  const moved = { ...state, decisions: [...state.decisions, decision] };
  if (currentStep(moved) < moved.steps.length) return { kind: 'moved', state: moved, decision, approvedMinutes: null };
  return {
    kind: 'moved',
    state: { ...moved, status: 'approved' },
    decision,
    approvedMinutes: minutesLeft(moved),
  };
}

type StepDecision = Pick<PastDecision, 'approverId' | 'verdict' | 'step'>;

/** The first step that still lacks approvals; the number of steps where none does. One person counts once. */
export function currentStep(state: { steps: RequestState['steps']; decisions: StepDecision[] }): number {
  const index = state.steps.findIndex((step, at) => approvalsAt(state, at) < step.approvalsNeeded);
  return index === -1 ? state.steps.length : index;
}

/** The steps whose approvers were asked so far: those before the current one, and that. */
export function stepsAsked<Step extends { approvalsNeeded: number }>(state: {
  steps: Step[];
  decisions: StepDecision[];
}): Step[] {
  return state.steps.slice(0, currentStep(state) + 1);
}

/** How many distinct people approved the step. */
export function approvalsAt(state: { decisions: StepDecision[] }, step: number): number {
  const yes = state.decisions.filter((each) => each.verdict === 'approve' && each.step === step);
  return new Set(yes.map((each) => each.approverId)).size;
}

/** The shortest that anyone approved so far: nobody can give back what another approver took away. */
export function minutesLeft(state: Pick<RequestState, 'durationMinutes' | 'decisions'>): number {
  return Math.min(state.durationMinutes, ...state.decisions.map((each) => each.durationMinutes ?? Infinity));
}

function closed(state: RequestState, status: RequestStatus): Moved {
  return { kind: 'moved', state: { ...state, status }, decision: null, approvedMinutes: null };
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal };
}
