/**
 * What everybody who computes shards agrees on: how a number of things is cut into parts, the recipe, and the bytes of
 * the messages. Not exported. A message that only members of a group exchange is in {@code nn.train.group}.
 */
@NullMarked
package nn.train.internal.shard;

import org.jspecify.annotations.NullMarked;
