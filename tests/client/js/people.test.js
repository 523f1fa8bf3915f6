import { Members } from '../../../static/realtime/worker/members.js';
import { Changes, Model } from '../../../static/realtime/worker/model.js';
import { TimelinePeople } from '../../../static/realtime/worker/timeline-people.js';
import { equal, test } from './runner.js';

/** @param {string} username @param {object} [more] @returns {any} */
const bob = (username, more = {}) => ({ id: 'bob', username, name: username || 'Former member', about: '', ...more });

/** Members of a group of which this is stored, and that on the server. @param {any} parts */
function make({ stored, items = [], former = [] }) {
  const model = new Model('me');
  model.former = 'Ehemaliges Mitglied';
  const owner = {
    model,
    http: { get: async () => ({ items, former }) },
    cacheWriter: { cache: { members: async () => stored } },
    changes: { local: () => new Changes() },
  };
  return { model, members: new Members(/** @type {any} */ (owner)) };
}

test('a stored member does not bring the name of a deleted account back', async () => {
  const { model, members } = make({ stored: [{ person: bob('bob') }], former: [{ person: bob(''), left: true }] });
  model.addPeople(bob(''));
  const loaded = members.load('group');
  await Promise.resolve();
  await Promise.resolve();
  equal(model.people.get('bob')?.name, 'Ehemaliges Mitglied');
  await loaded;
  equal(model.people.get('bob')?.name, 'Ehemaliges Mitglied');
});

test('a name that only the server knows to be deleted replaces a stored one', async () => {
  const { model, members } = make({ stored: [{ person: bob('bob') }], former: [{ person: bob(''), left: true }] });
  await members.load('group');
  equal(model.people.get('bob')?.name, 'Ehemaliges Mitglied');
});

test('of a former member the newer details stay', async () => {
  const { model, members } = make({ stored: null, former: [{ person: bob('bob'), left: true }] });
  model.addPeople(bob('bob', { about: 'Gardener' }));
  await members.load('group');
  equal(model.people.get('bob')?.about, 'Gardener');
});

test('a reader without a name has their username', () => {
  const { model } = make({ stored: null });
  model.me = /** @type {any} */ ({ id: 'me', username: 'quokka', name: '', about: '' });
  equal(new TimelinePeople(model, () => null).byId.me.name, 'quokka');
});
