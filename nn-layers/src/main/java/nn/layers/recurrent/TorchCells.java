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
 * PyTorch's names for the tensors of recurrent layers. There a stack, or a layer in both directions, is one module: the
 * place of each of its layers is a suffix, as in {@code weight_ih_l1} and {@code weight_ih_l0_reverse}.
 */
final class TorchCells {
    private static final String FIRST = "_l0"; // of a layer that stands alone

    private TorchCells() {}

    /** PyTorch has two biases where one is enough: the second is stored as zeros. */
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
     * Gates one below the other.
     *
     * @param recurrentBiases of the last gates, where the second bias is not zeros
     */
    static List<WeightMapping> gated(List<Gate> gates, Parameter... recurrentBiases) {
        List<Gate> ofOneBias = gates.subList(0, gates.size() - recurrentBiases.length);
        List<Part> second = new ArrayList<>(parts(ofOneBias, Gate::bias, Form.ADDEND));
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

    /** Whether a tensor of a layer has a name that can say the layer's place. */
    static boolean isCells(Layer layer, String tensor) {
        return layer.children().isEmpty() && tensor.endsWith(FIRST);
    }

    /** The name of the tensor that a cell has in a stack. */
    static String inStack(String tensor, int index) {
        return tensor.substring(0, tensor.length() - FIRST.length()) + "_l" + index;
    }
}
