package nn.train.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.tensor.Tensor;
import nn.train.TrainingState;
import nn.train.internal.shard.ShardMessage;
import nn.train.io.DataFormatException;

/** A message with the state of a training: the number of texts, names and texts, the names of tensors, and tensors. */
final class StateMessage {
    private StateMessage() {}

    private static byte[] texts(TrainingState state) {
        List<String> lines = new ArrayList<>();
        state.text().forEach((name, text) -> {
            lines.add(name);
            lines.add(text);
        });
        lines.addAll(state.tensors().keySet());
        return ShardMessage.bytes(lines);
    }

    private static long contents(TrainingState state, byte[] texts) {
        return 2L * Integer.BYTES
                + texts.length
                + state.tensors().values().stream()
                        .mapToLong(ShardMessage::size)
                        .sum();
    }

    /** Returns the number of bytes of the message. */
    static long length(TrainingState state) {
        return ShardMessage.HEAD + contents(state, texts(state)) + ShardMessage.TAIL;
    }

    static ByteBuffer of(TrainingState state, ShardPart part) {
        byte[] texts = texts(state);
        ByteBuffer out = part.begin(ShardMessage.Kind.STATE, contents(state, texts));
        out.putInt(state.text().size()).putInt(state.tensors().size()).put(texts);
        state.tensors().values().forEach(tensor -> ShardMessage.put(out, tensor));
        return ShardMessage.end(out);
    }

    static TrainingState read(ByteBuffer message) throws DataFormatException {
        ByteBuffer in = ShardMessage.read(message, ShardMessage.Kind.STATE).contents();
        int texts = in.getInt();
        int count = in.getInt();
        SequencedMap<String, String> text = ShardMessage.texts(in, texts);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(ShardMessage.text(in));
        }
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, ShardMessage.tensor(in));
        }
        return new TrainingState(tensors, text);
    }
}
