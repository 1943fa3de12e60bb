package nn.examples.claims.practice;

import java.util.List;
import nn.examples.claims.Card;
import nn.examples.claims.Claim;
import nn.examples.experiment.Chain;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Over;
import nn.examples.experiment.Repetitions;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation;
import nn.init.theory.SignalPropagation.DenseLayer;
import nn.init.theory.SignalPropagation.LayerMoments;
import nn.tensor.Tensor;

/** 51: the backward formula, and the factor of a nonlinearity. */
public final class BackwardFormula implements Claim {
    private static final int IN = 128;
    private static final int OUT = 256;
    private static final int INPUTS = 16;

    @Override
    public Card card() {
        return Card.of(List.of("51"), "Var(dx) = n_out Var(W) Var(dz).")
                .isTrue(
                        "here dz is the gradient at the pre-activations. For the gradient at the activations a = f(z),"
                                + " a factor E f'(z)^2 comes in: 1/2 for ReLU, 0.464 for tanh and 0.045 for the sigmoid"
                                + " at Var z = 1.",
                        "dx_i = sum over the units of W_iu dz_u, and dz_u = f'(z_u) da_u, with W and da independent.");
    }

    @Override
    public void measure(Experiment e) {
        Repetitions draws = e.times(300, 40);
        for (Nonlinearity f :
                List.of(Nonlinearity.LINEAR, Nonlinearity.RELU, Nonlinearity.TANH, Nonlinearity.SIGMOID)) {
            double[] factors = e.sample(f.name(), draws, key -> {
                Tensor x = e.normal(key.child("inputs"), INPUTS, IN);
                Chain chain = Chain.forward(e, x, Init.lecunNormal(), f, key.child("weights"), OUT);
                return chain.backward(e.normal(key.child("d"), INPUTS, OUT)).factor();
            });
            LayerMoments theory = SignalPropagation.of(List.of(DenseLayer.ofGain(new Fans(IN, OUT), 1, f)), 1, 1)
                    .layers()
                    .getFirst();
            double predicted = theory.backwardFactor();
            // One gradient has the relative variance 2/n_in, and E f'^2 over 256 units times d^2 at most 5/n_out
            // (ReLU). Four standard errors, as if the 16 inputs were one.
            double relative = 4 * Math.sqrt((2.0 / IN + 5.0 / OUT) / draws.count());
            e.sampled(f.name() + ": E dx^2 / E da^2", predicted, factors)
                    .over(Over.WEIGHTS)
                    .within(predicted * relative);
        }
    }
}
