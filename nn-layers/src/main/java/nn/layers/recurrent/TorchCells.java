package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.WeightMapping;
import nn.layers.WeightMapping.Form;
import nn.layers.WeightMapping.Part;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's names for the tensors of recurrent layers. In PyTorch, a stack or a bidirectional layer is one module, so
 * names end with the place of a layer in it, as in {@code weight_ih_l1} and {@code weight_ih_l0_reverse}.
 */
final class TorchCells {
    private static final String FIRST = "_l0"; // the suffix of the lowest layer, or of the only one

    private TorchCells() {}

    /** Maps a simple recurrent layer. PyTorch has two biases where one is enough; the second is stored as zeros. */
    static List<WeightMapping> simple(Parameter input, Parameter recurrent, @Nullable Parameter bias) {
        List<WeightMapping> mapping = new ArrayList<>();
        mapping.add(WeightMapping.transposed("weight_ih" + FIRST, input));
        mapping.add(WeightMapping.transposed("weight_hh" + FIRST, recurrent));
        if (bias != null) {
            mapping.add(WeightMapping.of("bias_ih" + FIRST, bias));
            mapping.add(new WeightMapping("bias_hh" + FIRST, List.of(new Part(bias, Form.ADDEND))));
        }
        return mapping;
    }

    /**
     * Maps gates, which PyTorch stacks in order.
     *
     * @param recurrentBiases the second biases of the last gates; those of the other gates are stored as zeros
     */
    static List<WeightMapping> gated(List<Gate> gates, Parameter... recurrentBiases) {
        List<Gate> withoutSecondBias = gates.subList(0, gates.size() - recurrentBiases.length);
        List<Part> second = new ArrayList<>(parts(withoutSecondBias, Gate::bias, Form.ADDEND));
        for (Parameter bias : recurrentBiases) {
            second.add(new Part(bias, Form.PLAIN));
        }
        return List.of(
                new WeightMapping("weight_ih" + FIRST, parts(gates, Gate::input, Form.TRANSPOSED)),
                new WeightMapping("weight_hh" + FIRST, parts(gates, Gate::recurrent, Form.TRANSPOSED)),
                new WeightMapping("bias_ih" + FIRST, parts(gates, Gate::bias, Form.PLAIN)),
                new WeightMapping("bias_hh" + FIRST, second));
    }

    private static List<Part> parts(List<Gate> gates, Function<Gate, Parameter> which, Form form) {
        return gates.stream().map(gate -> new Part(which.apply(gate), form)).toList();
    }

    /** Returns whether the name of a tensor ends with the place of its layer. */
    static boolean hasPlace(Layer layer, String tensor) {
        return layer.children().isEmpty() && tensor.endsWith(FIRST);
    }

    /** Returns the name of a tensor of the layer with this index in a stack. */
    static String inStack(String tensor, int index) {
        return tensor.substring(0, tensor.length() - FIRST.length()) + "_l" + index;
    }
}
