package nn.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nn.layers.Layer;
import nn.layers.WeightMapping;
import nn.tensor.Tensor;

/** The weights of a layer of ours as PyTorch keeps them. */
final class TorchWeights {
    private TorchWeights() {}

    /** By PyTorch's names, in its order: a recurrent layer's are weight_ih, weight_hh, bias_ih and bias_hh. */
    static Map<String, Tensor> of(Layer layer) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (WeightMapping mapping : layer.torchMapping()) {
            weights.put(
                    mapping.name(),
                    stacked(mapping.parts().stream().map(TorchWeights::stored).toList()));
        }
        return weights;
    }

    private static Tensor stored(WeightMapping.Part part) {
        Tensor value = part.parameter().value();
        return part.form() == WeightMapping.Form.ADDEND
                ? Tensor.zeros(value.shape())
                : value.permute(part.form().axes(value.shape().rank()));
    }

    private static Tensor stacked(List<Tensor> parts) {
        int rows = parts.stream().mapToInt(part -> part.dim(0)).sum();
        int[] dims = parts.getFirst().shape().dims();
        dims[0] = rows;
        Tensor all = Tensor.zeros(dims);
        int row = 0;
        for (Tensor part : parts) {
            System.arraycopy(part.toArray(), 0, all.array(), row * (all.size() / rows), part.size());
            row += part.dim(0);
        }
        return all;
    }
}
