/** @import { MemberView } from '../contract.js' */
/** @import { Member, Message, Person } from '../wire.js' */
/** @import { Model } from './model.js' */

import { presenceOf } from './view-models.js';

/** The people of a range: the members of a group, and everyone its entries name. */
export class TimelinePeople {
  /** @type {Set<string>} */
  #ids = new Set();
  /** The rows that quote a row. @type {Map<number, Set<number>>} */
  #repliesTo = new Map();
  /** How many of those were sent to the tab. */
  #sent = 0;
  #model;
  #members;

  /**
   * @param {Model} model
   * @param {() => Member[] | null} members
   */
  constructor(model, members) {
    this.#model = model;
    this.#members = members;
  }

  /** @param {Message[]} messages in the range from now on */
  addFrom(messages) {
    for (const { seq, sender, about, quote, layout, mentions = [], reactions = [] } of messages) {
      if (quote) this.#repliesTo.set(quote.seq, (this.#repliesTo.get(quote.seq) ?? new Set()).add(seq));
      for (const id of [sender, about, quote?.sender]) if (id) this.#ids.add(id);
      for (const id of mentions) this.#ids.add(id);
      for (const { parts } of layout?.cards ?? []) for (const part of parts) if (part.type === 'run') this.#ids.add(part.person);
      for (const { people } of reactions) for (const id of people) this.#ids.add(id);
    }
  }

  /** The other side of a direct chat. @param {Person | null} person */
  add(person) {
    if (person) this.#ids.add(person.id);
  }

  /** @param {number} seq @returns {number[]} the rows that quote it */
  repliesTo(seq) {
    return [...(this.#repliesTo.get(seq) ?? [])];
  }

  /** Whether people were added since `byId` was read. */
  get hasNew() {
    return this.#ids.size > this.#sent;
  }

  /** @returns {Record<string, Person>} */
  get byId() {
    this.#sent = this.#ids.size;
    const { me, people } = this.#model;
    /** @type {Record<string, Person>} */
    const found = {};
    for (const { person } of this.#members() ?? []) found[person.id] = person;
    for (const id of this.#ids) {
      const person = people.get(id);
      if (person) found[id] = person;
    }
    if (me) found[me.id] = { id: me.id, username: me.username, name: me.name || me.username, about: me.about };
    return found;
  }

  /** Whether one of these people is a member. @param {Set<string>} people */
  includesMember(people) {
    return people.size > 0 && (this.#members() ?? []).some(({ person }) => people.has(person.id));
  }

  /** @returns {MemberView[] | null} */
  get members() {
    const list = this.#members();
    if (!list) return null;
    return list.map(({ person, role }) => ({
      person: this.#model.people.get(person.id) ?? person,
      role,
      presence: presenceOf(this.#model, person.id),
    }));
  }
}
