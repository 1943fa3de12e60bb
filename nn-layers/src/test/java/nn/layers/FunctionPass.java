package nn.layers;

import java.util.function.BiFunction;
import nn.tensor.Tensor;

/**
 * A pass whose two halves are functions, the second made by the first, for layers that exist in one test. It saves its
 * input and its output.
 */
public final class FunctionPass extends Pass {
    /** Computes an output and how gradients go back. */
    @FunctionalInterface
    public interface Forward {
        Result of(Tensor x, Context context);
    }

    /** What a forward function gives. */
    public record Result(Tensor output, BiFunction<Tensor, Gradients, Tensor> backward) {}

    private final Forward function;
    private Result result;

    private FunctionPass(Layer layer, Forward function) {
        super(layer);
        this.function = function;
    }

    public static Pass of(Layer layer, Forward function) {
        return new FunctionPass(layer, function);
    }

    @Override
    protected Tensor forward(Tensor x, Context context) {
        save(x);
        result = function.of(x, context);
        return result == null || result.output() == null ? null : save(result.output());
    }

    @Override
    protected Tensor backward(Tensor dOutput, Gradients gradients) {
        return result.backward().apply(dOutput, gradients);
    }
}
