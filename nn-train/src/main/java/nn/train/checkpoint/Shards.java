package nn.train.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import nn.tensor.Tensor;
import nn.train.internal.Texts;
import nn.train.internal.io.FileKind;
import nn.train.io.DataFormatException;

/**
 * A model in several files, its shards, with an index that says which file has which tensor: {@code {"metadata": {...},
 * "weight_map": {"hidden1.weight": "model-00001-of-00002.safetensors", ...}}}. Shards lie next to the index. Each
 * tensor must be where the index says, and nowhere else. The metadata of the index are not read: their {@code
 * total_size} is out of date in files that were converted to another element type.
 */
final class Shards {
    private static final int LONGEST_INDEX = 100_000_000; // as the header of a file

    private Shards() {}

    /** Opens a file next to the index. */
    @FunctionalInterface
    interface Folder {
        Safetensors read(String file) throws IOException;
    }

    /** Reads all shards; the tensors are in the order of the index. */
    static Safetensors read(InputStream index, String name, Folder folder) throws IOException {
        SequencedMap<String, Place> places = places(index, name);
        SequencedMap<String, List<String>> byFile = new LinkedHashMap<>();
        places.forEach((tensor, place) ->
                byFile.computeIfAbsent(place.file(), file -> new ArrayList<>()).add(tensor));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> shard : byFile.entrySet()) {
            Safetensors read = shard(shard.getKey(), byFile.size(), name, folder);
            for (String tensor : shard.getValue()) {
                Tensor value = read.tensors().get(tensor);
                if (value == null) {
                    throw new DataFormatException(
                            name,
                            Objects.requireNonNull(places.get(tensor), tensor).at(),
                            "index: it says that " + Json.quoted(tensor) + " is in " + Json.quoted(shard.getKey())
                                    + ", which has no such tensor: index and shards do not belong together");
                }
                tensors.put(tensor, value);
            }
            Set<String> surplus = new HashSet<>(read.tensors().keySet());
            shard.getValue().forEach(surplus::remove);
            if (!surplus.isEmpty()) {
                throw new DataFormatException(
                        name,
                        0,
                        "index: it does not say that " + Json.quoted(shard.getKey()) + " has "
                                + Texts.list(surplus.stream().sorted().toList())
                                + ": index and shards do not belong together");
            }
            read.metadata().forEach(metadata::putIfAbsent);
        }
        SequencedMap<String, Tensor> inOrder = new LinkedHashMap<>();
        places.keySet().forEach(tensor -> inOrder.put(tensor, Objects.requireNonNull(tensors.get(tensor), tensor)));
        return new Safetensors(inOrder, metadata);
    }

    private static Safetensors shard(String file, int count, String index, Folder folder) throws IOException {
        try {
            return folder.read(file);
        } catch (NoSuchFileException | FileNotFoundException e) {
            NoSuchFileException missing = new NoSuchFileException(
                    index,
                    null,
                    "its shard " + file + " is missing, one of " + count + ": put all of them next to the index ("
                            + e.getMessage() + ")");
            missing.initCause(e);
            throw missing;
        }
    }

    /** The file of a tensor, and where the index says so. */
    private record Place(String file, int at) {}

    private static SequencedMap<String, Place> places(InputStream index, String name) throws IOException {
        byte[] text = index.readNBytes(LONGEST_INDEX + 1);
        if (text.length > LONGEST_INDEX) {
            throw new DataFormatException(name, LONGEST_INDEX, "index: it has more than " + LONGEST_INDEX + " bytes");
        }
        Json json = new Json(text, name, 0, "index");
        if (json.position() == text.length || text[json.position()] != '{') {
            throw json.problem(0, "it must begin with '{'" + FileKind.resemblance(text));
        }
        SequencedMap<String, Place> places = new LinkedHashMap<>();
        json.object(member -> {
            if (!member.equals("weight_map")) {
                json.skip();
                return;
            }
            json.object(tensor -> {
                int at = json.position();
                String file = json.string();
                if (file.isEmpty() || file.startsWith(".") || file.chars().anyMatch(Shards::isRefused)) {
                    throw json.problem(
                            at,
                            "the shard " + Json.quoted(file) + " of " + Json.quoted(tensor)
                                    + " must be the name of a file next to the index");
                }
                places.put(tensor, new Place(file, at));
            });
        });
        json.requireEndOfText();
        if (places.isEmpty()) {
            throw json.problem(0, "it has no weight_map, or an empty one, so it names no tensor");
        }
        return places;
    }

    /** Returns whether a character separates folders, or cannot be in the name of a file on every system. */
    private static boolean isRefused(int c) {
        return c < ' ' || "/\\:*?\"<>|".indexOf(c) >= 0;
    }
}
