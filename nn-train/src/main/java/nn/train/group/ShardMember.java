package nn.train.group;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import nn.train.TrainingState;
import nn.train.internal.Fingerprint;
import nn.train.internal.LibraryVersion;
import nn.train.internal.RecipeTexts;
import nn.train.internal.shard.ShardMessage;
import nn.train.io.DataFormatException;

/**
 * What a member of a group says of itself when the group connects.
 *
 * @param steps done
 * @param state a fingerprint of its state
 * @param stateBytes the length of the message with its state
 * @param texts its recipe, by the name of the part
 */
record ShardMember(long steps, String state, long stateBytes, SequencedMap<String, String> texts) {
    static ShardMember of(long steps, TrainingState state, List<InetSocketAddress> members) {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        texts.put("version of nn", LibraryVersion.TEXT);
        texts.put(
                "list of members",
                members.stream()
                        .map(address -> address.getHostString() + ":" + address.getPort())
                        .collect(Collectors.joining(", ")));
        texts.putAll(RecipeTexts.of(state.text()));
        Fingerprint print = new Fingerprint();
        state.text().forEach((name, text) -> print.add(name).add(text));
        state.tensors().forEach((name, tensor) -> print.add(name).add(tensor));
        return new ShardMember(steps, print.toString(), StateMessage.length(state), texts);
    }

    /** Returns a sentence's end for each part of the recipe in which another member differs from this one. */
    List<String> differences(ShardMember other) {
        Set<String> names = new LinkedHashSet<>(texts.keySet());
        names.addAll(other.texts.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String here = texts.getOrDefault(name, "none");
            String there = other.texts.getOrDefault(name, "none");
            if (!here.equals(there)) {
                differences.add(name + ": " + there + ", here it is " + here);
            }
        }
        if (differences.isEmpty() && steps == other.steps && !state.equals(other.state)) {
            differences.add("state after the same " + steps + " steps: the weights, or what the optimizer keeps");
        }
        return differences;
    }

    ByteBuffer message(ShardPart part) {
        List<String> lines = new ArrayList<>(List.of(state));
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            lines.add(entry.getKey());
            lines.add(entry.getValue());
        }
        byte[] bytes = ShardMessage.bytes(lines);
        long contents = 2L * Long.BYTES + Integer.BYTES + bytes.length;
        return ShardMessage.end(part.begin(ShardMessage.Kind.MEMBER, contents)
                .putLong(steps)
                .putLong(stateBytes)
                .putInt(texts.size())
                .put(bytes));
    }

    /** Reads what {@link #message} wrote. */
    static ShardMember read(ByteBuffer message) throws DataFormatException {
        ByteBuffer in = ShardMessage.read(message, ShardMessage.Kind.MEMBER).contents();
        long steps = in.getLong();
        long bytes = in.getLong();
        int count = in.getInt();
        String state = ShardMessage.text(in);
        return new ShardMember(steps, state, bytes, ShardMessage.texts(in, count));
    }
}
