/**
 * Local times in the reader's time zone: conversion to an instant and back.
 *
 * @module
 */

import { localParts } from './times.js';

const MINUTE = 60_000;

/**
 * The instant of a local time. When clocks go back, the first of the two; for an hour that clocks
 * skip, the hour after it.
 *
 * @param {string} local `2026-11-21T14:32`
 */
export function parseLocalTime(local) {
  const shown = Date.parse(`${local}Z`);
  // The zone's offset depends on the instant itself: the second guess is right.
  let instant = shown;
  for (let round = 0; round < 2; round += 1) instant += shown - Date.parse(`${formatLocalTime(instant)}Z`);
  const earlier = new Date(instant - 60 * MINUTE);
  return formatLocalTime(earlier) === local ? earlier : new Date(instant);
}

/**
 * An instant as a local time.
 *
 * @param {number | Date} instant
 * @returns {string} `2026-11-21T14:32`
 */
export function formatLocalTime(instant) {
  const { year, month, day, hour, minute } = localParts(instant);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

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
