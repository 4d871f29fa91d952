/** How often a session has recovered, and how (RFC 7143 §7.1.4): from within a command up to a session put in another's place. */

export interface RecoveryCounters {
  headerDigestErrors: number;
  dataDigestErrors: number;
  /** Requests to send something again (SNACK). */
  snacks: number;
  /** Statuses, and PDUs with data or Ready To Transfers, that came late because they were asked for. */
  resentStatuses: number;
  resentData: number;
  /** What came twice and was dropped. */
  duplicates: number;
  /** Data-In that was acknowledged because the target wanted it. */
  dataAcknowledgements: number;
  /** Commands sent again under their old numbers, because the target had not received them. */
  commandRetries: number;
  connectionsLost: number;
  connectionsRecovered: number;
  /** Tasks that went on by another connection. */
  tasksReassigned: number;
  /** New sessions in place of lost ones. */
  sessionsReinstated: number;
  /** Commands sent again as new ones, because their session or their task was gone. */
  commandsReplayed: number;
}

export const recoveryCounters = (): RecoveryCounters => ({
  headerDigestErrors: 0,
  dataDigestErrors: 0,
  snacks: 0,
  resentStatuses: 0,
  resentData: 0,
  duplicates: 0,
  dataAcknowledgements: 0,
  commandRetries: 0,
  connectionsLost: 0,
  connectionsRecovered: 0,
  tasksReassigned: 0,
  sessionsReinstated: 0,
  commandsReplayed: 0,
});
