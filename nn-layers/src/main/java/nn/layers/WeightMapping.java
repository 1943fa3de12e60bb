package nn.layers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.tensor.Shape;

/**
 * A tensor that another framework stores for a layer, and the parameters in it: one, or several concatenated along the
 * first axis, as the gates of a recurrent layer are.
 *
 * <pre>{@code
 * public List<WeightMapping> torchMapping() {               // of a layer whose kernel is [inputs x units]
 *     return List.of(WeightMapping.transposed("weight", kernel), WeightMapping.of("bias", shift));
 * }
 * }</pre>
 *
 * @param name the name of the tensor within the layer, such as {@code weight_ih_l0}
 * @param parts at least one; their shapes, as stored, differ in the first axis only
 */
public record WeightMapping(String name, List<Part> parts) {
    /** How a parameter is stored. Files name these constants. */
    public enum Form {
        /** As it is. */
        PLAIN,
        /** As its transpose. */
        TRANSPOSED,
        /**
         * A kernel [... x inputs x outputs] as [outputs x inputs x ...], with the axes of its window last and in order.
         */
        CHANNELS_FIRST,
        /**
         * As zeros, for a framework that has two biases where one is enough. If a file has other values, they are added
         * to the parameter. Another part of the same layer holds the parameter itself.
         */
        ADDEND;

        /**
         * The order in which the axes of a parameter are stored.
         *
         * @param rank of the parameter
         * @return for each stored axis, the axis of the parameter
         */
        public int[] axes(int rank) {
            int[] axes = new int[rank];
            for (int i = 0; i < rank; i++) {
                axes[i] = switch (this) {
                    case PLAIN, ADDEND -> i;
                    case TRANSPOSED -> rank - 1 - i;
                    case CHANNELS_FIRST -> i < 2 ? rank - 1 - i : i - 2;
                };
            }
            return axes;
        }

        /**
         * The shape of a parameter as it is stored.
         *
         * @param shape of the parameter
         * @return its dimensions in the stored order
         */
        public Shape stored(Shape shape) {
            return shape.permute(axes(shape.rank()));
        }
    }

    /**
     * A parameter as it is stored.
     *
     * @param parameter of the layer itself
     * @param form how it is stored
     */
    public record Part(Parameter parameter, Form form) {
        /**
         * Checks the arguments.
         *
         * @throws IllegalArgumentException if the form is {@link Form#TRANSPOSED} and the parameter does not have two
         *     axes, or the form is {@link Form#CHANNELS_FIRST} and it has fewer than two
         * @throws NullPointerException if an argument is null
         */
        public Part {
            Objects.requireNonNull(parameter, "parameter");
            Objects.requireNonNull(form, "form");
            Shape shape = parameter.value().shape();
            if (form == Form.TRANSPOSED && shape.rank() != 2) {
                throw new IllegalArgumentException("parameter '" + parameter.name() + "' " + shape
                        + " cannot be stored as its transpose: it does not have two axes");
            }
            if (form == Form.CHANNELS_FIRST && shape.rank() < 2) {
                throw new IllegalArgumentException("parameter '" + parameter.name() + "' " + shape
                        + " cannot be stored with its channels first: a kernel has two axes or more");
            }
        }

        private Shape stored() {
            return form.stored(parameter.value().shape());
        }
    }

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if the name is empty, there are no parts, or the parts cannot be concatenated
     * @throws NullPointerException if an argument or a part is null
     */
    public WeightMapping {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(parts, "parts").forEach(part -> Objects.requireNonNull(part, "a part"));
        parts = List.copyOf(parts);
        if (name.isEmpty() || parts.isEmpty()) {
            throw new IllegalArgumentException("mapping of '" + name + "' to " + parts.size() + " parameters: it needs"
                    + " a name and at least one parameter");
        }
        Shape first = parts.getFirst().stored();
        for (Part part : parts.subList(1, parts.size())) {
            Shape other = part.stored();
            if (first.rank() == 0 || other.rank() == 0 || !first.withoutFirst().equals(other.withoutFirst())) {
                throw new IllegalArgumentException(
                        "mapping of '" + name + "': '" + part.parameter().name()
                                + "', stored as " + other + ", does not fit below '"
                                + parts.getFirst().parameter().name()
                                + "', stored as " + first + "; they may differ in the first axis only");
            }
        }
    }

    /**
     * Maps a tensor to one parameter, stored as it is.
     *
     * @param name its name within the layer
     * @param parameter the parameter
     * @return the mapping
     * @throws IllegalArgumentException if the name is empty
     */
    public static WeightMapping of(String name, Parameter parameter) {
        return new WeightMapping(name, List.of(new Part(parameter, Form.PLAIN)));
    }

    /**
     * Maps a tensor to one parameter, stored as its transpose.
     *
     * @param name its name within the layer
     * @param parameter of two axes
     * @return the mapping
     * @throws IllegalArgumentException if the name is empty, or the parameter does not have two axes
     */
    public static WeightMapping transposed(String name, Parameter parameter) {
        return new WeightMapping(name, List.of(new Part(parameter, Form.TRANSPOSED)));
    }

    /**
     * Maps a tensor to the kernel of a convolution, stored with its channels first.
     *
     * @param name its name within the layer
     * @param parameter [... x inputs x outputs]; stored as [outputs x inputs x ...]
     * @return the mapping
     * @throws IllegalArgumentException if the name is empty, or the parameter has fewer than two axes
     */
    public static WeightMapping channelsFirst(String name, Parameter parameter) {
        return new WeightMapping(name, List.of(new Part(parameter, Form.CHANNELS_FIRST)));
    }

    /** The default of {@link Layer#torchMapping}. */
    static List<WeightMapping> inTorchByDefault(Layer layer) {
        Map<Parameter, WeightMapping> known = new HashMap<>();
        layer.linearMap().ifPresent(map -> {
            boolean transposed = map.inputAxis() == 0; // PyTorch has [units x inputs]
            known.put(map.weight(), transposed ? transposed("weight", map.weight()) : of("weight", map.weight()));
            map.bias().ifPresent(bias -> known.put(bias, of("bias", bias)));
        });
        return layer.parameters().stream()
                .map(parameter -> known.getOrDefault(parameter, of(parameter.name(), parameter)))
                .toList();
    }
}
