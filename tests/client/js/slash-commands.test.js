import { whyNot } from '../../../static/chats/slash-commands.js';
import { ParleyError } from '../../../static/realtime/both/failure.js';
import { equal, test } from './runner.js';

test('a command that is written wrongly says how it is written', async () => {
  const words = 'Write it like this: /poll Where do we eat? | Pizza | Noodles';
  equal(whyNot(new ParleyError('invalid', words), 'poll'), words);
  equal(whyNot(new ParleyError('forbidden', 'Ask an admin.'), 'topic'), 'You are not allowed to do that. Nothing was changed.');
});
