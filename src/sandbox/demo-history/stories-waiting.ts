import { given, plusMinutes, type Story, yes } from './story.ts';

/** What waits at Example Corp: for a decision, or for its window to open. */
export function waitingStories(now: Date): Story[] {
  const ago = (minutes: number) => plusMinutes(now, -minutes);
  const ahead = (minutes: number) => plusMinutes(now, minutes);
  return [
    // Waiting for a decision; whoever submitted first expires first.
    {
      who: 'mateo.garcia',
      role: 'DataScientist',
      account: 'data-prod',
      minutes: 480,
      ticket: 'DATA-771',
      why: 'Rebuild the churn features: the nightly Glue job left yesterday’s partitions half written.',
      submittedAt: ago(2_795),
      outcome: { kind: 'pending' },
    },
    {
      who: 'wei.zhang',
      role: 'PowerUser',
      account: 'payments-prod',
      minutes: 120,
      ticket: 'CHG-3021',
      why: 'Roll out the new card network certificates in the maintenance window, with Yuki watching the dashboards.',
      submittedAt: ago(1_790),
      startsAt: ahead(1_440),
      outcome: { kind: 'pending' },
    },
    {
      who: 'thandi.nkosi',
      role: 'AdministratorAccess',
      account: 'data-prod',
      minutes: 60,
      ticket: 'INC-2317',
      why: 'The deployment role lost its trust policy and nothing else can put it back; the pipeline is blocked.',
      submittedAt: ago(190),
      outcome: {
        kind: 'pending',
        said: [yes('Hannah.Schneider', 14, 'Agreed with Thandi on the phone. One more approval, please.')],
      },
    },
    {
      who: 'lena.fischer',
      role: 'DatabaseAdmin',
      account: 'ledger-prod',
      minutes: 120,
      ticket: 'PAY-1502',
      why: 'Two ledger entries of this morning are locked by a dead session; I want to end it and check the totals.',
      submittedAt: ago(12),
      outcome: { kind: 'pending' },
    },

    // Approved, to open later.
    {
      who: "siobhan.o'connor",
      role: 'PowerUser',
      account: 'payments-prod',
      minutes: 180,
      ticket: 'CHG-3018',
      why: 'Switch the payout queue to the new FIFO topic before the morning peak, and switch back if it stalls.',
      submittedAt: ago(420),
      startsAt: ahead(1_215),
      outcome: given('scheduled', yes('priya.raman', 31, 'As planned in the change meeting.')),
    },
    {
      who: 'nora.bakke',
      role: 'NetworkAdmin',
      account: 'network',
      minutes: 240,
      ticket: 'CHG-3020',
      why: 'Replace the transit gateway attachments of the old VPN, at night because routes will flap.',
      submittedAt: ago(1_330),
      startsAt: ahead(2_100),
      outcome: given('scheduled', yes('kofi.mensah', 47, 'Please keep the old attachment for a week.')),
    },
  ];
}
