package nn.train.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.WeightMapping;
import nn.layers.WeightMapping.Form;
import nn.train.checkpoint.StoredTensor.Block;

/** The tensors of a file for a model, in the order of its layers. */
final class StoredTensors {
    private final SequencedMap<String, Parameter> parameters;
    private final SequencedMap<String, Layer> layers;
    private final Map<Parameter, String> paths = new IdentityHashMap<>();
    private final Set<Parameter> stored = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> mapped = new HashSet<>(); // paths of layers whose mapping has been added
    private final List<StoredTensor> tensors = new ArrayList<>();
    private final List<StoredTensor> repeated = new ArrayList<>();

    private StoredTensors(SequencedMap<String, Parameter> parameters, SequencedMap<String, Layer> layers) {
        this.parameters = parameters;
        this.layers = layers;
        parameters.forEach((path, parameter) -> paths.put(parameter, path));
    }

    /** Finds the tensors of a model. */
    static StoredTensors of(Layer model, Layout layout) {
        StoredTensors tensors = new StoredTensors(model.parametersByPath(), model.layersByPath());
        switch (layout) {
            case NN -> tensors.addPlain();
            case TORCH -> tensors.addTorch();
        }
        return tensors;
    }

    /** Returns the tensors of a file: each parameter is in one of them. */
    List<StoredTensor> all() {
        return tensors;
    }

    /**
     * Returns the tensors that a file of another program may have instead, or besides: a parameter that several layers
     * share is among {@link #all} under the name that one of them gives it, and here under the names of the others.
     */
    List<StoredTensor> repeated() {
        return repeated;
    }

    private void addPlain() {
        parameters.forEach((path, parameter) -> tensors.add(plain(path, path, parameter)));
        layers.forEach((path, layer) -> layer.parameters().forEach(parameter -> {
            String owner = Objects.requireNonNull(paths.get(parameter), parameter.name());
            if (layer.children().isEmpty() && !parent(owner).equals(path)) {
                repeated.add(
                        plain(path.isEmpty() ? parameter.name() : path + "." + parameter.name(), owner, parameter));
            }
        }));
    }

    private static StoredTensor plain(String name, String path, Parameter parameter) {
        return StoredTensor.of(name, new Block(path, parameter.value().shape(), Form.PLAIN));
    }

    private void addTorch() {
        layers.forEach((path, layer) -> {
            if (layer.children().isEmpty()) {
                add(path, layer);
            }
        });
        // After them, parameters of layers that have children, and parameters that no mapping mentions.
        parameters.forEach((path, parameter) -> {
            String owner = parent(path);
            if (!stored.contains(parameter) && !mapped.contains(owner)) {
                add(owner, layer(owner));
            }
            if (!stored.contains(parameter)) {
                add(owner, layer(owner), WeightMapping.of(parameter.name(), parameter));
            }
        });
        requireUniqueNames();
    }

    /** Adds the tensors of a layer's own parameters. */
    private void add(String path, Layer layer) {
        mapped.add(path);
        List<WeightMapping> mappings = Objects.requireNonNull(
                layer.torchMapping(), () -> named(path, layer) + ": its torchMapping() returned null");
        for (WeightMapping mapping : mappings) {
            Objects.requireNonNull(mapping, () -> named(path, layer) + ": its torchMapping() has a null");
            // A parameter that layers share is stored by the layer that its path names.
            long own = mapping.parts().stream()
                    .filter(part -> isOwn(path, layer, mapping, part))
                    .count();
            if (own == mapping.parts().size()) {
                add(path, layer, mapping);
            } else if (own == 0 && layer.children().isEmpty()) {
                repeated.add(new StoredTensor(nameInFile(path, mapping.name()), blocks(path, layer, mapping)));
            } else if (own > 0) {
                throw new IllegalArgumentException(named(path, layer) + " shares some of the parameters of '"
                        + mapping.name() + "' with another layer, so the layout of PyTorch has no place for it; use"
                        + " Layout.NN");
            }
        }
    }

    private boolean isOwn(String path, Layer layer, WeightMapping mapping, WeightMapping.Part part) {
        return parent(pathOf(path, layer, mapping, part)).equals(path);
    }

    private String pathOf(String path, Layer layer, WeightMapping mapping, WeightMapping.Part part) {
        String place = paths.get(part.parameter());
        if (place == null) {
            throw new IllegalArgumentException(named(path, layer) + ": its torchMapping() makes '" + mapping.name()
                    + "' of the parameter " + part.parameter() + ", which is not among its parameters()");
        }
        return place;
    }

    private void add(String path, Layer layer, WeightMapping mapping) {
        for (WeightMapping.Part part : mapping.parts()) {
            Parameter parameter = part.parameter();
            if (part.form() != Form.ADDEND && !stored.add(parameter)) {
                throw new IllegalArgumentException(named(path, layer) + ": its torchMapping() stores '"
                        + parameter.name() + "' twice, in '" + mapping.name() + "' and before");
            }
        }
        tensors.add(new StoredTensor(nameInFile(path, mapping.name()), blocks(path, layer, mapping)));
    }

    private List<Block> blocks(String path, Layer layer, WeightMapping mapping) {
        return mapping.parts().stream()
                .map(part -> new Block(
                        pathOf(path, layer, mapping, part),
                        part.parameter().value().shape(),
                        part.form()))
                .toList();
    }

    /** Returns the name of a layer's tensor, which the layers around it may change. */
    private String nameInFile(String path, String tensor) {
        String name = tensor;
        for (String at = path; !at.isEmpty(); at = parent(at)) {
            String around = parent(at);
            String child = at.substring(around.isEmpty() ? 0 : around.length() + 1);
            Layer layer = layer(around);
            name = Objects.requireNonNull(
                    layer.torchName(child, name), () -> named(around, layer) + ": its torchName() returned null");
        }
        return name;
    }

    private Layer layer(String path) {
        return Objects.requireNonNull(layers.get(path), path);
    }

    private void requireUniqueNames() {
        Map<String, StoredTensor> byName = new HashMap<>();
        for (StoredTensor tensor : tensors) {
            StoredTensor other = byName.put(tensor.name(), tensor);
            if (other != null) {
                throw new IllegalArgumentException("in the layout of PyTorch, '"
                        + other.blocks().getFirst().path()
                        + "' and '" + tensor.blocks().getFirst().path() + "' would both be named '" + tensor.name()
                        + "'; rename a layer, or use Layout.NN");
            }
        }
    }

    /** Returns the path of the layer that has a parameter or child layer. */
    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    private static String named(String path, Layer layer) {
        return (path.isEmpty() ? "the model" : "layer '" + path + "'") + " (" + Layer.describe(layer) + ")";
    }
}
