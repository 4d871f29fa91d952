/** Logout at a target (RFC 7143 §11.14-11.15): of the session, of a connection, or of a connection whose tasks shall go on elsewhere. */
import { expectedStatusSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import {
  CLOSE_CONNECTION,
  CLOSE_SESSION,
  LOGOUT_CONNECTION_NOT_FOUND,
  LOGOUT_RECOVERY_NOT_SUPPORTED,
  LOGOUT_SUCCESS,
  logoutConnectionId,
  logoutReason,
  REMOVE_FOR_RECOVERY,
} from '../../wire/iscsi/control.ts';
import type { SessionConnection, TargetSession } from './target-session.ts';

export interface LogoutOutcome {
  readonly response: number;
  /** What the response leads to, once it is written. */
  readonly afterwards: () => void;
}

const nothing = (): void => {};

/** `own`: the connection the request came on. */
export function logOut(session: TargetSession, own: SessionConnection, bytes: Uint8Array, at: number): LogoutOutcome {
  const reason = logoutReason(bytes, at);
  const connectionId = logoutConnectionId(bytes, at);
  if (reason === CLOSE_SESSION) {
    return {
      response: LOGOUT_SUCCESS,
      afterwards: () => {
        leave(session, own);
        session.end('the initiator logged out', undefined);
      },
    };
  }
  const recovery = reason === REMOVE_FOR_RECOVERY;
  if ((!recovery && reason !== CLOSE_CONNECTION) || (recovery && !session.recovers))
    return { response: LOGOUT_RECOVERY_NOT_SUPPORTED, afterwards: nothing };
  const connection = connectionId === own.connectionId ? own : session.connections.get(connectionId);
  const lost = connection === undefined ? session.recovery.lost(connectionId) : undefined;
  // RFC 7143 §11.14.4: this is the last ExpStatSN of the connection that is logged out.
  (connection ?? lost)?.acknowledge(expectedStatusSequenceNumber(bytes, at));
  if (lost !== undefined) {
    const afterwards = (): void => void (recovery ? session.recovery.logOut(connectionId) : session.recovery.close(connectionId));
    return { response: LOGOUT_SUCCESS, afterwards };
  }
  if (connection === undefined) return { response: LOGOUT_CONNECTION_NOT_FOUND, afterwards: nothing };
  if (recovery) {
    return {
      response: LOGOUT_SUCCESS,
      afterwards: () => {
        // What was answered still leaves where that is the connection itself; of another one, whatever is wrong with it, nothing is awaited.
        if (connection === own) own.close(true);
        session.removeForRecovery(connection);
        if (connection !== own) connection.close(false);
      },
    };
  }
  return {
    response: LOGOUT_SUCCESS,
    afterwards: () => {
      leave(session, connection);
      if (session.connections.size === 0 && !session.recovery.waiting) session.end('the initiator logged out', undefined);
    },
  };
}

/** RFC 7143 §11.14.1: the commands of a connection that is closed are terminated. */
function leave(session: TargetSession, connection: SessionConnection): void {
  session.connections.delete(connection.connectionId);
  session.terminateCommandsOf(connection);
  connection.discard();
  connection.close(true);
}
