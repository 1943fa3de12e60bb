package nn.train;

import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.train.TorchOperators.Argument;
import nn.train.TorchOperators.Call;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;

/**
 * PyTorch's fused update, {@code fused=True} in Python. There is none for RMSprop: it is the loop over parameters that
 * Python runs by default, five operators for each.
 */
final class TorchOptimizer implements Task {
    private static final String LISTS = "N3c108ArrayRefINS_6TensorEEE";

    private final TorchOperators torch;
    private final NDArray[] parameters;
    private final Argument gradients; // a list
    private final NDArray[] steps;
    private final List<Call> calls;

    TorchOptimizer(TorchOperators torch, OptimizerTask ours) {
        this(
                torch,
                ours.optimizer,
                ours.parameters.stream().map(p -> torch.array(p.value())).toArray(NDArray[]::new),
                torch.list(ours.gradients.stream().map(torch::array).toArray(NDArray[]::new)));
    }

    TorchOptimizer(TorchOperators torch, Optimizer optimizer, NDArray[] parameters, Argument gradients) {
        this.torch = torch;
        this.parameters = parameters;
        this.gradients = gradients;
        steps = Arrays.stream(parameters).map(p -> torch.zeros()).toArray(NDArray[]::new);
        calls = switch (optimizer) {
            case Sgd sgd -> sgd(sgd);
            case Adam adam ->
                adam(
                        "_ZN2at4_ops12_fused_adam_",
                        adam.rate(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.weightDecay(),
                        adam.epsilon(),
                        adam.amsgrad());
            case AdamW adam ->
                adam(
                        "_ZN2at4_ops13_fused_adamw_",
                        adam.rate(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.weightDecay(),
                        adam.epsilon(),
                        adam.amsgrad());
            case Adagrad adagrad -> adagrad(adagrad);
            case RmsProp rmsProp -> rmsProp(rmsProp);
            default -> throw new IllegalArgumentException("no operators of PyTorch stand for " + optimizer);
        };
    }

    private Argument state() {
        return torch.list(Arrays.stream(parameters).map(p -> torch.zeros(p)).toArray(NDArray[]::new));
    }

    private List<Call> sgd(Sgd sgd) {
        Argument velocities = sgd.momentum() == 0 ? torch.emptyList() : state();
        return List.of(torch.callVoid(
                "_ZN2at4_ops11_fused_sgd_4callE" + LISTS + "S5_S5_ddddbbbRKSt8optionalIS4_ES9_",
                torch.list(parameters),
                gradients,
                velocities,
                number(sgd.weightDecay()),
                number(sgd.momentum()),
                number(sgd.rate()),
                number(sgd.dampening()),
                flag(sgd.nesterov()),
                flag(false),
                flag(false), // the first step: velocities are zeros
                torch.none(),
                torch.none()));
    }

    private List<Call> adam(
            String symbol,
            double rate,
            double beta1,
            double beta2,
            double weightDecay,
            double epsilon,
            boolean amsgrad) {
        List<Call> all = countSteps();
        all.add(torch.callVoid(
                symbol + "4callE" + LISTS + "S5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_",
                torch.list(parameters),
                gradients,
                state(),
                state(),
                amsgrad ? state() : torch.emptyList(),
                torch.list(steps),
                number(rate),
                number(beta1),
                number(beta2),
                number(weightDecay),
                number(epsilon),
                flag(amsgrad),
                flag(false),
                torch.none(),
                torch.none()));
        return all;
    }

    private List<Call> adagrad(Adagrad adagrad) {
        List<Call> all = countSteps();
        all.add(torch.callVoid(
                "_ZN2at4_ops15_fused_adagrad_4callE" + LISTS + "S5_S5_S5_ddddbRKSt8optionalIS4_ES9_",
                torch.list(parameters),
                gradients,
                state(),
                torch.list(steps),
                number(adagrad.rate()),
                number(adagrad.rateDecay()),
                number(adagrad.weightDecay()),
                number(adagrad.epsilon()),
                flag(false),
                torch.none(),
                torch.none()));
        return all;
    }

    private List<Call> countSteps() {
        List<Call> all = new ArrayList<>();
        for (NDArray step : steps) {
            all.add(torch.call(
                    "_ZN2at4_ops11add__Scalar4callERNS_6TensorERKN3c106ScalarES7_",
                    tensor(step),
                    torch.scalar(1),
                    torch.scalar(1)));
        }
        return all;
    }

    private List<Call> rmsProp(RmsProp rmsProp) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            Argument square = tensor(torch.zeros(parameters[i]));
            Argument root = tensor(torch.zeros(parameters[i]));
            all.add(torch.call(
                    "_ZN2at4_ops11mul__Scalar4callERNS_6TensorERKN3c106ScalarE",
                    square,
                    torch.scalar(rmsProp.smoothing())));
            all.add(torch.call(
                    "_ZN2at4_ops8addcmul_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE",
                    square,
                    gradient,
                    gradient,
                    torch.scalar(1 - rmsProp.smoothing())));
            all.add(torch.call("_ZN2at4_ops8sqrt_out4callERKNS_6TensorERS2_", square, root));
            all.add(torch.call(
                    "_ZN2at4_ops11add__Scalar4callERNS_6TensorERKN3c106ScalarES7_",
                    root,
                    torch.scalar(rmsProp.epsilon()),
                    torch.scalar(1)));
            all.add(torch.call(
                    "_ZN2at4_ops8addcdiv_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE",
                    tensor(parameters[i]),
                    gradient,
                    root,
                    torch.scalar(-rmsProp.rate())));
        }
        return all;
    }

    @Override
    public void run() {
        calls.forEach(Call::make);
    }

    @Override
    public float[] result() {
        return parameters[0].toFloatArray();
    }
}
