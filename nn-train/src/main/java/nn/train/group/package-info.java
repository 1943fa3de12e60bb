/**
 * Processes that train one model together, on one machine or on several: each is a member of a {@link
 * nn.train.group.ShardGroup}. It runs the same training as the others, computes some of the {@linkplain
 * nn.train.shard.Shards shards} of every step, and exchanges sums of gradients with them.
 *
 * <p>Here belong: who computes and adds what, what members say to each other, connections, and what happens when a
 * member is lost ({@link nn.train.group.LostMemberException}). What a shard is and how it is computed belongs to {@code
 * nn.train.shard}.
 */
@NullMarked
package nn.train.group;

import org.jspecify.annotations.NullMarked;
