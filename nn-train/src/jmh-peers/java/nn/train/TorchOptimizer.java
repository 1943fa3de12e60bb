package nn.train;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static nn.train.TorchOperators.flag;
import static nn.train.TorchOperators.number;
import static nn.train.TorchOperators.tensor;

import ai.djl.ndarray.NDArray;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.train.TorchOperators.Argument;
import nn.train.TorchOperators.Call;
import nn.train.TorchOperators.Result;
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.NAdam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.RAdam;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;

/**
 * PyTorch's fused update, {@code fused=True} in Python. There is none for the optimizers from RMSprop on: they are the
 * loop over parameters that Python runs by default, some operators for each. Lion is that of its authors, which PyTorch
 * has not. Muon computes in float, as ours does; {@code torch.optim.Muon} multiplies matrices of bfloat16. Numbers that
 * depend on the step are those of the first one.
 */
final class TorchOptimizer implements Task {
    private static final String LISTS = "N3c108ArrayRefINS_6TensorEEE";
    private static final String MULTIPLY = "_ZN2at4_ops11mul__Scalar4callERNS_6TensorERKN3c106ScalarE";
    private static final String ADD = "_ZN2at4_ops11add__Scalar4callERNS_6TensorERKN3c106ScalarES7_";
    private static final String ADD_TENSOR = "_ZN2at4_ops11add__Tensor4callERNS_6TensorERKS2_RKN3c106ScalarE";
    private static final String ADD_PRODUCT = "_ZN2at4_ops8addcmul_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE";
    private static final String ADD_QUOTIENT = "_ZN2at4_ops8addcdiv_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE";
    private static final String ROOT = "_ZN2at4_ops8sqrt_out4callERKNS_6TensorERS2_";
    private static final String LERP = "_ZN2at4_ops12lerp__Scalar4callERNS_6TensorERKS2_RKN3c106ScalarE";
    private static final String COPY = "_ZN2at4_ops5copy_4callERNS_6TensorERKS2_b";
    private static final String AT_LEAST = "_ZN2at4_ops10clamp_min_4callERNS_6TensorERKN3c106ScalarE";
    private static final String DIVIDE = "_ZN2at4_ops11div__Tensor4callERNS_6TensorERKS2_";
    private static final String PRODUCT = "_ZN2at4_ops6mm_out4callERKNS_6TensorES4_RS2_";
    private static final String SUM_AND_PRODUCT =
            "_ZN2at4_ops9addmm_out4callERKNS_6TensorES4_S4_RKN3c106ScalarES8_RS2_";
    private static final String NORM = "_ZN2at4_ops22linalg_vector_norm_out4callERKNS_6TensorERKN3c106ScalarE"
            + "NS5_16OptionalArrayRefIlEEbSt8optionalINS5_10ScalarTypeEERS2_";

    private final TorchOperators torch;
    private final NDArray[] parameters;
    private final Argument gradients; // a list
    private final NDArray[] steps;
    private final List<Call> calls;
    private List<Call> next; // those of the next step

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
            case Lion lion -> lion(lion);
            case NAdam nadam -> nadam(nadam);
            case RAdam radam -> radam(radam, true);
            case Adafactor adafactor -> adafactor(adafactor);
            case Muon muon -> muon(muon);
            default -> throw new IllegalArgumentException("no operators of PyTorch stand for " + optimizer);
        };
        next = optimizer instanceof RAdam radam ? radam(radam, false) : calls;
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
            all.add(torch.call(ADD, tensor(step), torch.scalar(1), torch.scalar(1)));
        }
        return all;
    }

    private List<Call> rmsProp(RmsProp rmsProp) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            Argument square = tensor(torch.zeros(parameters[i]));
            Argument root = tensor(torch.zeros(parameters[i]));
            averageSquares(all, square, gradient, rmsProp.smoothing());
            all.add(torch.call(ROOT, square, root));
            all.add(torch.call(ADD, root, torch.scalar(rmsProp.epsilon()), torch.scalar(1)));
            all.add(torch.call(ADD_QUOTIENT, tensor(parameters[i]), gradient, root, torch.scalar(-rmsProp.rate())));
        }
        return all;
    }

    private void averageSquares(List<Call> all, Argument square, Argument gradient, double beta) {
        all.add(torch.call(MULTIPLY, square, torch.scalar(beta)));
        all.add(torch.call(ADD_PRODUCT, square, gradient, gradient, torch.scalar(1 - beta)));
    }

    private List<Call> lion(Lion lion) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            Argument mean = tensor(torch.zeros(parameters[i]));
            Argument along = tensor(torch.zeros(parameters[i]));
            all.add(torch.call(COPY, along, mean, flag(false)));
            all.add(torch.call(LERP, along, gradient, torch.scalar(1 - lion.beta1())));
            all.add(torch.call("_ZN2at4_ops5sign_4callERNS_6TensorE", along));
            all.add(torch.call(ADD_TENSOR, tensor(parameters[i]), along, torch.scalar(-lion.rate())));
            all.add(torch.call(LERP, mean, gradient, torch.scalar(1 - lion.beta2())));
        }
        return all;
    }

    private List<Call> nadam(NAdam nadam) {
        double momentum = nadam.beta1() * (1 - 0.5 * Math.pow(0.96, nadam.momentumDecay()));
        double next = nadam.beta1() * (1 - 0.5 * Math.pow(0.96, 2 * nadam.momentumDecay()));
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            Argument mean = tensor(torch.zeros(parameters[i]));
            Argument square = tensor(torch.zeros(parameters[i]));
            Argument root = tensor(torch.zeros(parameters[i]));
            all.add(torch.call(LERP, mean, gradient, torch.scalar(1 - nadam.beta1())));
            averageSquares(all, square, gradient, nadam.beta2());
            all.add(torch.call(COPY, root, square, flag(false))); // and divided: a new tensor in Python
            all.add(torch.call(MULTIPLY, root, torch.scalar(1 / (1 - nadam.beta2()))));
            all.add(torch.call(ROOT, root, root));
            all.add(torch.call(ADD, root, torch.scalar(nadam.epsilon()), torch.scalar(1)));
            Argument parameter = tensor(parameters[i]);
            double ofGradient = -nadam.rate() * (1 - momentum) / (1 - momentum);
            double ofMean = -nadam.rate() * next / (1 - momentum * next);
            all.add(torch.call(ADD_QUOTIENT, parameter, gradient, root, torch.scalar(ofGradient)));
            all.add(torch.call(ADD_QUOTIENT, parameter, mean, root, torch.scalar(ofMean)));
        }
        return all;
    }

    /** RAdam divides from its sixth step on. */
    private List<Call> radam(RAdam radam, boolean divides) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            Argument mean = tensor(torch.zeros(parameters[i]));
            Argument square = tensor(torch.zeros(parameters[i]));
            Argument root = tensor(torch.zeros(parameters[i]));
            Argument along = tensor(torch.zeros(parameters[i]));
            all.add(torch.call(LERP, mean, gradient, torch.scalar(1 - radam.beta1())));
            averageSquares(all, square, gradient, radam.beta2());
            all.add(torch.call(COPY, along, mean, flag(false)));
            all.add(torch.call(MULTIPLY, along, torch.scalar(1 / (1 - radam.beta1()))));
            if (divides) {
                all.add(torch.call(ROOT, square, root));
                all.add(torch.call(ADD, root, torch.scalar(radam.epsilon()), torch.scalar(1)));
                all.add(torch.call(DIVIDE, along, root));
            }
            all.add(torch.call(ADD_TENSOR, tensor(parameters[i]), along, torch.scalar(-radam.rate())));
        }
        return all;
    }

    private Call norm(Argument of, Argument dims, boolean keepsDims, Argument into) {
        return torch.call(NORM, of, torch.scalar(2), dims, flag(keepsDims), torch.noFlag(), into);
    }

    private List<Call> adafactor(Adafactor adafactor) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument parameter = tensor(parameters[i]);
            Argument gradient = TorchOperators.element(gradients, i);
            long rows = parameters[i].getShape().get(0);
            long columns = parameters[i].getShape().get(1);
            Argument ofRows = tensor(torch.zeros(rows, 1));
            Argument ofColumns = tensor(torch.zeros(1, columns));
            Argument mean = tensor(torch.zeros(1, 1));
            Argument update = tensor(torch.zeros(parameters[i]));
            average(all, gradient, -1, columns, ofRows, tensor(torch.zeros(rows, 1)));
            average(all, gradient, -2, rows, ofColumns, tensor(torch.zeros(1, columns)));
            all.add(torch.call(PRODUCT, ofRows, ofColumns, update));
            all.add(torch.call(
                    "_ZN2at4_ops8mean_out4callERKNS_6TensorEN3c1016OptionalArrayRefIlEEbSt8optionalINS5_10ScalarTypeEE"
                            + "RS2_",
                    ofRows,
                    torch.someSizes(-2),
                    flag(true),
                    torch.noFlag(),
                    mean));
            all.add(torch.call(AT_LEAST, mean, torch.scalar(adafactor.epsilon())));
            all.add(torch.call(DIVIDE, update, mean));
            all.add(torch.call(AT_LEAST, update, torch.scalar(adafactor.epsilon() * adafactor.epsilon())));
            all.add(torch.call("_ZN2at4_ops6rsqrt_4callERNS_6TensorE", update));
            all.add(torch.call("_ZN2at4_ops11mul__Tensor4callERNS_6TensorERKS2_", update, gradient));
            MemorySegment size = torch.room(4); // numbers that Python reads, too
            MemorySegment length = torch.room(4);
            readNorm(all, parameter, size);
            readNorm(all, update, length);
            Argument factor = torch.scalar(0);
            double one = Math.sqrt(rows * columns);
            all.add(() -> {
                double scale = Math.max(adafactor.leastScale(), TorchOperators.number(size) / one);
                double clipping = Math.max(1, TorchOperators.number(length) / one / adafactor.largestUpdate());
                ((MemorySegment) factor.value()).set(JAVA_DOUBLE, 16, -adafactor.rate() * scale / clipping);
            });
            all.add(torch.call(ADD_TENSOR, parameter, update, factor));
        }
        return all;
    }

    private void average(List<Call> all, Argument gradient, long dim, long count, Argument kept, Argument fresh) {
        all.add(norm(gradient, torch.someSizes(dim), true, fresh));
        all.add(torch.call("_ZN2at4_ops7square_4callERNS_6TensorE", fresh));
        all.add(torch.call(MULTIPLY, fresh, torch.scalar(1.0 / count)));
        all.add(torch.call(LERP, kept, fresh, torch.scalar(1))); // the share of the first step
    }

    private void readNorm(List<Call> all, Argument of, MemorySegment room) {
        Result norm = torch.results(1).getFirst();
        all.add(torch.callInto(
                List.of(norm), "_ZN2at4_ops11norm_Scalar4callERKNS_6TensorERKN3c106ScalarE", of, torch.scalar(2)));
        all.add(torch.item(room, norm));
        all.add(norm::free);
    }

    private List<Call> muon(Muon muon) {
        List<Call> all = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Argument gradient = TorchOperators.element(gradients, i);
            long rows = parameters[i].getShape().get(0);
            long columns = parameters[i].getShape().get(1);
            boolean tall = rows > columns;
            long side = Math.min(rows, columns);
            Argument mean = tensor(torch.zeros(parameters[i]));
            Argument norm = tensor(torch.zeros());
            Argument square = tensor(torch.zeros(side, side));
            Argument polynomial = tensor(torch.zeros(side, side));
            NDArray from = torch.zeros(parameters[i]);
            NDArray to = torch.zeros(parameters[i]);
            all.add(torch.call(LERP, mean, gradient, torch.scalar(1 - muon.momentum())));
            all.add(torch.call(COPY, tensor(from), gradient, flag(false)));
            all.add(torch.call(LERP, tensor(from), mean, torch.scalar(muon.momentum())));
            all.add(norm(tensor(from), torch.someSizes(0, 1), false, norm));
            all.add(torch.call(AT_LEAST, norm, torch.scalar(muon.epsilon())));
            all.add(torch.call(DIVIDE, tensor(from), norm));
            for (int iteration = 0; iteration < muon.iterations(); iteration++) {
                Argument x = tensor(from);
                Argument turned = tensor(from.transpose());
                all.add(torch.call(PRODUCT, tall ? turned : x, tall ? x : turned, square));
                all.add(torch.call(
                        SUM_AND_PRODUCT,
                        square,
                        square,
                        square,
                        torch.scalar(-4.7750),
                        torch.scalar(2.0315),
                        polynomial));
                all.add(torch.call(
                        SUM_AND_PRODUCT,
                        x,
                        tall ? x : polynomial,
                        tall ? polynomial : x,
                        torch.scalar(3.4445),
                        torch.scalar(1),
                        tensor(to)));
                NDArray read = from;
                from = to;
                to = read;
            }
            double scale = Math.sqrt(Math.max(1, (double) columns / rows)); // [inputs x outputs]
            Argument parameter = tensor(parameters[i]);
            all.add(torch.call(MULTIPLY, parameter, torch.scalar(1 - muon.rate() * muon.weightDecay())));
            all.add(torch.call(ADD_TENSOR, parameter, tensor(from), torch.scalar(-muon.rate() * scale)));
        }
        return all;
    }

    @Override
    public void run() {
        next.forEach(Call::make);
        next = calls;
    }

    @Override
    public float[] result() {
        return parameters[0].toFloatArray();
    }
}
