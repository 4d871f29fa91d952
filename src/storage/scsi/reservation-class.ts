/**
 * How a command fares while somebody else holds a reservation (SPC-5 §5.14.1 table 64 and SBC-4 table 13):
 * `allowed` always runs; `read` conflicts with the Exclusive Access types; `write` conflicts with every type.
 */
export type ReservationClass = 'allowed' | 'read' | 'write';
