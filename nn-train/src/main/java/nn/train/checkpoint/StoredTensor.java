package nn.train.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import nn.layers.WeightMapping.Form;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A tensor of a file: some parameters of a model, one below the other.
 *
 * @param name the name of the tensor
 * @param blocks along its first axis
 */
record StoredTensor(String name, List<Block> blocks) {
    /**
     * One parameter.
     *
     * @param path the path of the parameter
     * @param shape the shape of the parameter
     * @param form how it is stored
     */
    record Block(String path, Shape shape, Form form) {
        Shape storedShape() {
            return form.stored(shape);
        }
    }

    static StoredTensor of(String name, Block block) {
        return new StoredTensor(name, List.of(block));
    }

    /** Returns the shape of the tensor. */
    Shape shape() {
        int[] dims = blocks.getFirst().storedShape().dims();
        for (Block block : blocks.subList(1, blocks.size())) {
            dims[0] = Math.addExact(dims[0], block.storedShape().dim(0)); // a file may claim any blocks
        }
        return Shape.of(dims);
    }

    /** Returns whether a block of it is added to a parameter that another tensor has. */
    boolean adds() {
        return blocks.stream().anyMatch(block -> block.form() == Form.ADDEND);
    }

    /** Copies parameters, given by their paths, into a new tensor. */
    Tensor write(Map<String, Tensor> parameters) {
        Tensor stored = Tensor.zeros(shape());
        int row = 0;
        for (Block block : blocks) {
            Tensor part = part(stored, block, row);
            switch (block.form()) {
                case PLAIN -> part.copyFrom(parameter(parameters, block));
                case TRANSPOSED, CHANNELS_FIRST -> {
                    Tensor parameter = parameter(parameters, block);
                    parameter.permuteInto(
                            part, block.form().axes(parameter.shape().rank()));
                }
                case ADDEND -> part.fill(0);
            }
            row += blocks.size() == 1 ? 0 : part.dim(0);
        }
        return stored;
    }

    /** Copies a tensor of this shape into parameters, given by their paths; one that {@link #adds} must come last. */
    void read(Tensor stored, Map<String, Tensor> parameters) {
        int row = 0;
        for (Block block : blocks) {
            Tensor part = part(stored, block, row);
            Tensor parameter = parameter(parameters, block);
            switch (block.form()) {
                case PLAIN -> parameter.copyFrom(part); // keeps -0, unlike an addition
                case TRANSPOSED, CHANNELS_FIRST -> part.permuteInto(parameter, inverse(block));
                case ADDEND -> add(part, parameter);
            }
            row += blocks.size() == 1 ? 0 : part.dim(0);
        }
    }

    /** The axes of the file in the order of the parameter's. */
    private static int[] inverse(Block block) {
        int[] axes = block.form().axes(block.shape().rank());
        int[] inverse = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            inverse[axes[i]] = i;
        }
        return inverse;
    }

    /** Adds a block, unless it has only zeros: -0 + 0 would be 0. */
    private static void add(Tensor part, Tensor parameter) {
        if (part.maxAbs() > 0) {
            parameter.addInPlace(part);
        }
    }

    private static Tensor parameter(Map<String, Tensor> parameters, Block block) {
        return Objects.requireNonNull(parameters.get(block.path()), block.path());
    }

    private Tensor part(Tensor stored, Block block, int row) {
        return blocks.size() == 1
                ? stored
                : stored.rows(row, row + block.storedShape().dim(0));
    }
}
