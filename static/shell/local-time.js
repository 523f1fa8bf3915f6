/**
 * Local times in the reader's time zone: conversion to an instant and back.
 *
 * @module
 */

import { clockTimeAt, instantOf } from '../realtime/both/clock-times.js';
import { timeZone } from './times.js';

const MINUTE = 60_000;

/** The instant of a local time. @param {string} local `2026-11-21T14:32` */
export const parseLocalTime = (local) => new Date(instantOf(local, timeZone()));

/** An instant as a local time: `2026-11-21T14:32`. @param {number | Date} instant */
export const formatLocalTime = (instant) => clockTimeAt(instant, timeZone());

/**
 * Suggested times: in an hour, tomorrow at nine, next Monday at nine.
 *
 * @param {number} now
 */
export function timePresets(now) {
  const today = Date.parse(`${formatLocalTime(now).slice(0, 10)}T00:00Z`);
  /** @param {number} days */
  const nine = (days) => parseLocalTime(`${new Date(today + days * 1440 * MINUTE).toISOString().slice(0, 10)}T09:00`);
  // Days until the next Monday; Sunday is 0.
  const toMonday = (8 - new Date(today).getUTCDay()) % 7 || 7;
  return { hour: new Date(now + 60 * MINUTE), tomorrow: nine(1), monday: nine(toMonday) };
}
