package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.tensor.linalg.Qr;
import nn.tensor.linalg.RandomOrthogonal;
import nn.tensor.linalg.SingularValues;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rule in the documentation of {@link Tensor}, for every method that writes. */
class OverlapTest {
    private static final int MARGIN = 24;

    @FunctionalInterface
    private interface Call {
        void on(Tensor[] tensors);
    }

    /** A method that writes to its first tensor; which others may be the same values as that one; the shapes of all. */
    private record Writer(Call call, IntPredicate inPlace, int[]... shapes) {}

    private static final Map<String, Writer> WRITERS = new LinkedHashMap<>();

    private static void product(String method, Call call, int[]... shapes) {
        WRITERS.put(method, new Writer(call, operand -> false, shapes));
    }

    private static void ofOne(String method, Call call) {
        WRITERS.put(method, new Writer(call, operand -> true, new int[] {2, 3}, new int[] {2, 3}));
    }

    private static void ofTwo(String method, Call call) {
        WRITERS.put(method, new Writer(call, operand -> true, new int[] {2, 3}, new int[] {2, 3}, new int[] {2, 3}));
    }

    private static void ofFullAndSmall(String method, Call call) {
        WRITERS.put(
                method,
                new Writer(call, operand -> operand == 1, new int[] {2, 3}, new int[] {2, 3}, new int[] {2, 1}));
    }

    /** A number for each row or column. */
    private static final double[] THREE = {1, 2, 3};

    /** With statistics of two examples of three channels. */
    private static GroupNormalization groups() {
        GroupNormalization groups = new GroupNormalization(1, 1);
        groups.forward(Tensor.full(2, 2, 3), Tensor.full(1, 3), Tensor.zeros(3), Tensor.zeros(2, 3));
        return groups;
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    static {
        ofOne("copyFrom(Tensor)", t -> t[0].copyFrom(t[1]));
        ofOne("expInto(Tensor)", t -> t[1].expInto(t[0]));
        ofOne("sqrtInto(Tensor)", t -> t[1].sqrtInto(t[0]));
        ofOne("logInto(Tensor)", t -> t[1].logInto(t[0]));
        ofOne("tanhInto(Tensor)", t -> t[1].tanhInto(t[0]));
        ofOne("sigmoidInto(Tensor)", t -> t[1].sigmoidInto(t[0]));
        ofOne("reluInto(Tensor)", t -> t[1].reluInto(t[0]));
        ofOne("mapInto(DoubleUnaryOperator, Tensor)", t -> t[1].mapInto(Math::sqrt, t[0]));
        ofOne("addInPlace(Tensor)", t -> t[0].addInPlace(t[1]));
        ofOne("addScaledInPlace(float, Tensor)", t -> t[0].addScaledInPlace(2, t[1]));
        ofTwo("addInto(Tensor, Tensor)", t -> t[1].addInto(t[2], t[0]));
        ofTwo("subtractInto(Tensor, Tensor)", t -> t[1].subtractInto(t[2], t[0]));
        ofTwo("multiplyInto(Tensor, Tensor)", t -> t[1].multiplyInto(t[2], t[0]));
        ofTwo("reluGradInto(Tensor, Tensor)", t -> t[1].reluGradInto(t[2], t[0]));
        ofOne("leakyReluInto(float, Tensor)", t -> t[1].leakyReluInto(0.1f, t[0]));
        ofOne("clampInto(float, float, Tensor)", t -> t[1].clampInto(-1, 1, t[0]));
        ofTwo("leakyReluGradInto(float, Tensor, Tensor)", t -> t[1].leakyReluGradInto(0.1f, t[2], t[0]));
        ofTwo("clampGradInto(float, float, Tensor, Tensor)", t -> t[1].clampGradInto(-1, 1, t[2], t[0]));
        ofTwo("tanhGradInto(Tensor, Tensor)", t -> t[1].tanhGradInto(t[2], t[0]));
        ofOne("eluInto(float, float, Tensor)", t -> t[1].eluInto(1, 0.7f, t[0]));
        ofTwo("eluGradInto(float, float, Tensor, Tensor)", t -> t[1].eluGradInto(1, 0.7f, t[2], t[0]));
        ofOne("siluInto(Tensor)", t -> t[1].siluInto(t[0]));
        ofTwo("siluGradInto(Tensor, Tensor)", t -> t[1].siluGradInto(t[2], t[0]));
        ofOne("softplusInto(Tensor)", t -> t[1].softplusInto(t[0]));
        ofTwo("softplusGradInto(Tensor, Tensor)", t -> t[1].softplusGradInto(t[2], t[0]));
        ofOne("softplusInto(float, Tensor)", t -> t[1].softplusInto(2, t[0]));
        ofTwo("softplusGradInto(float, Tensor, Tensor)", t -> t[1].softplusGradInto(2, t[2], t[0]));
        ofOne("logSigmoidInto(Tensor)", t -> t[1].logSigmoidInto(t[0]));
        ofTwo("logSigmoidGradInto(Tensor, Tensor)", t -> t[1].logSigmoidGradInto(t[2], t[0]));
        ofOne("celuInto(float, Tensor)", t -> t[1].celuInto(2, t[0]));
        ofTwo("celuGradInto(float, Tensor, Tensor)", t -> t[1].celuGradInto(2, t[2], t[0]));
        ofOne("mishInto(Tensor)", t -> t[1].mishInto(t[0]));
        ofTwo("mishGradInto(Tensor, Tensor)", t -> t[1].mishGradInto(t[2], t[0]));
        ofOne("hardSigmoidInto(Tensor)", t -> t[1].hardSigmoidInto(t[0]));
        ofTwo("hardSigmoidGradInto(Tensor, Tensor)", t -> t[1].hardSigmoidGradInto(t[2], t[0]));
        ofOne("hardSwishInto(Tensor)", t -> t[1].hardSwishInto(t[0]));
        ofTwo("hardSwishGradInto(Tensor, Tensor)", t -> t[1].hardSwishGradInto(t[2], t[0]));
        ofOne("geluInto(Tensor)", t -> t[1].geluInto(t[0]));
        ofTwo("geluGradInto(Tensor, Tensor)", t -> t[1].geluGradInto(t[2], t[0]));
        ofOne("geluTanhInto(Tensor)", t -> t[1].geluTanhInto(t[0]));
        ofTwo("geluTanhGradInto(Tensor, Tensor)", t -> t[1].geluTanhGradInto(t[2], t[0]));
        ofOne("erfInto(Tensor)", t -> t[1].erfInto(t[0]));
        ofTwo("erfGradInto(Tensor, Tensor)", t -> t[1].erfGradInto(t[2], t[0]));
        ofOne("sinInto(Tensor)", t -> t[1].sinInto(t[0]));
        ofTwo("sinGradInto(Tensor, Tensor)", t -> t[1].sinGradInto(t[2], t[0]));
        ofTwo("sigmoidGradInto(Tensor, Tensor)", t -> t[1].sigmoidGradInto(t[2], t[0]));
        product("softmaxInto(Tensor)", t -> t[1].softmaxInto(t[0]), dims(2, 3), dims(2, 3));
        ofTwo("softmaxGradInto(Tensor, Tensor)", t -> t[1].softmaxGradInto(t[2], t[0]));
        for (String loss :
                List.of("squaredError", "absoluteError", "sigmoidCrossEntropy", "divergence", "logDivergence")) {
            product(
                    loss + "(Tensor, Tensor, double, Tensor)",
                    switch (loss) {
                        case "squaredError" -> t -> Losses.squaredError(t[1], t[2], 2, t[0]);
                        case "absoluteError" -> t -> Losses.absoluteError(t[1], t[2], 2, t[0]);
                        case "divergence" -> t -> Losses.divergence(t[1], t[2], 2, t[0]);
                        case "logDivergence" -> t -> Losses.logDivergence(t[1], t[2], 2, t[0]);
                        default -> t -> Losses.sigmoidCrossEntropy(t[1], t[2], 2, t[0]);
                    },
                    dims(2, 3),
                    dims(2, 3),
                    dims(2, 3));
        }
        product(
                "huberError(Tensor, Tensor, double, double, Tensor)",
                t -> Losses.huberError(t[1], t[2], 1, 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 3));
        product(
                "sigmoidCrossEntropy(Tensor, Tensor, double[], double, Tensor)",
                t -> Losses.sigmoidCrossEntropy(t[1], t[2], THREE, 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 3));
        product(
                "sigmoidFocalCrossEntropy(Tensor, Tensor, double, double[], double, Tensor)",
                t -> Losses.sigmoidFocalCrossEntropy(t[1], t[2], 1, new double[] {1, 1}, 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 3));
        product(
                "softmaxDivergence(Tensor, Tensor, double, double, Tensor)",
                t -> Losses.softmaxDivergence(t[1], t[2], 1, 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 3));
        product(
                "softmaxFocalCrossEntropy(Tensor, Tensor, double, double[], double, Tensor)",
                t -> Losses.softmaxFocalCrossEntropy(t[1], t[2], 1, new double[0], 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2));
        product(
                "softmaxCrossEntropy(Tensor, Tensor, double[], float, double, Tensor)",
                t -> Losses.softmaxCrossEntropy(t[1], t[2], new double[0], Float.NaN, 2, t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2));
        WRITERS.put(
                "softmaxCrossEntropy(Tensor, Tensor, double, Tensor)",
                new Writer(
                        t -> Losses.softmaxCrossEntropy(t[1], t[2], 2, t[0]),
                        operand -> operand == 2,
                        dims(2, 3),
                        dims(2, 3),
                        dims(2, 3)));
        product(
                "rows(Tensor, double, Tensor, Tensor, double[], double[], Tensor)",
                t -> Normalization.rows(t[1], 1, t[2], t[3], THREE.clone(), THREE.clone(), t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(3),
                dims(3));
        String rowsGrad = "rowsGrad(Tensor, Tensor, Tensor, double[], double[], Tensor, Tensor, Tensor)";
        int[][] all = {dims(2, 3), dims(2, 3), dims(2, 3), dims(3), dims(3), dims(3)};
        product(rowsGrad, t -> Normalization.rowsGrad(t[1], t[2], t[3], THREE, THREE, t[4], t[5], t[0]), all);
        int[][] scaleFirst = {dims(3), dims(2, 3), dims(2, 3), dims(3), dims(3), dims(2, 3)};
        product(
                rowsGrad + " dScale",
                t -> Normalization.rowsGrad(t[1], t[2], t[3], THREE, THREE, t[0], t[4], t[5]),
                scaleFirst);
        product(
                rowsGrad + " dBias",
                t -> Normalization.rowsGrad(t[1], t[2], t[3], THREE, THREE, t[4], t[0], t[5]),
                scaleFirst);
        product(
                "rowsByRootMeanSquare(Tensor, double, Tensor, double[], Tensor)",
                t -> Normalization.rowsByRootMeanSquare(t[1], 1, t[2], THREE.clone(), t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(3));
        String byRootMeanSquareGrad = "rowsByRootMeanSquareGrad(Tensor, Tensor, Tensor, double[], Tensor, Tensor)";
        product(
                byRootMeanSquareGrad,
                t -> Normalization.rowsByRootMeanSquareGrad(t[1], t[2], t[3], THREE, t[4], t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 3),
                dims(3),
                dims(3));
        product(
                byRootMeanSquareGrad + " dScale",
                t -> Normalization.rowsByRootMeanSquareGrad(t[1], t[2], t[3], THREE, t[0], t[4]),
                dims(3),
                dims(2, 3),
                dims(2, 3),
                dims(3),
                dims(2, 3));
        product(
                "forward(Tensor, Tensor, Tensor, Tensor)",
                t -> new GroupNormalization(1, 1).forward(t[1], t[2], t[3], t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(3),
                dims(3));
        String groupsGrad = "backward(Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)";
        product(groupsGrad, t -> groups().backward(t[1], t[2], t[3], t[4], t[5], t[0]), all);
        product(groupsGrad + " dScale", t -> groups().backward(t[1], t[2], t[3], t[0], t[4], t[5]), scaleFirst);
        product(groupsGrad + " dBias", t -> groups().backward(t[1], t[2], t[3], t[4], t[0], t[5]), scaleFirst);
        product("preluInto(Tensor, Tensor)", t -> t[1].preluInto(t[2], t[0]), dims(2, 3), dims(2, 3), dims(3));
        product(
                "preluGradInto(Tensor, Tensor, Tensor, Tensor)",
                t -> t[1].preluGradInto(t[2], t[3], t[4], t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(3),
                dims(2, 3),
                dims(3));
        product(
                "preluGradInto, slopes",
                t -> t[1].preluGradInto(t[2], t[3], t[0], t[4]),
                dims(3),
                dims(2, 3),
                dims(3),
                dims(2, 3),
                dims(2, 3));
        product("addRowInPlace(Tensor)", t -> t[0].addRowInPlace(t[1]), dims(2, 3), dims(3));
        product("fillRows(Tensor)", t -> t[0].fillRows(t[1]), dims(2, 3), dims(3));
        product("addSumOfRowsInto(Tensor)", t -> t[1].addSumOfRowsInto(t[0]), dims(3), dims(2, 3));
        ofFullAndSmall("addBroadcastInto(Tensor, Tensor)", t -> t[1].addBroadcastInto(t[2], t[0]));
        ofFullAndSmall("subtractBroadcastInto(Tensor, Tensor)", t -> t[1].subtractBroadcastInto(t[2], t[0]));
        ofFullAndSmall("multiplyBroadcastInto(Tensor, Tensor)", t -> t[1].multiplyBroadcastInto(t[2], t[0]));
        ofFullAndSmall("divideBroadcastInto(Tensor, Tensor)", t -> t[1].divideBroadcastInto(t[2], t[0]));
        product("broadcastInto(Tensor)", t -> t[1].broadcastInto(t[0]), dims(2, 3), dims(3));
        product("addSumsInto(Tensor)", t -> t[1].addSumsInto(t[0]), dims(2, 1), dims(2, 3));
        product("maxInto(Tensor)", t -> t[1].maxInto(t[0]), dims(2, 1), dims(2, 3));
        product(
                "maxGradInto(Tensor, Tensor, Tensor)",
                t -> t[1].maxGradInto(t[2], t[3], t[0]),
                dims(2, 3),
                dims(2, 3),
                dims(2, 1),
                dims(2, 1));
        product(
                "max(Tensor, int[], Tensor, int[])",
                t -> TimePooling.max(t[1], new int[] {2, 1}, t[0], new int[6]),
                dims(2, 3),
                dims(2, 2, 3));
        product(
                "maxGradient(Tensor, int[], Tensor)",
                t -> TimePooling.maxGradient(t[1], new int[6], t[0]),
                dims(2, 2, 3),
                dims(2, 3));
        product(
                "mean(Tensor, int[], Tensor)",
                t -> TimePooling.mean(t[1], new int[] {2, 1}, t[0]),
                dims(2, 3),
                dims(2, 2, 3));
        product(
                "meanGradient(Tensor, int[], Tensor)",
                t -> TimePooling.meanGradient(t[1], new int[] {2, 1}, t[0]),
                dims(2, 2, 3),
                dims(2, 3));
        product("permuteInto(Tensor, int[])", t -> t[1].permuteInto(t[0], 1, 0), dims(3, 2), dims(2, 3));
        product("sliceInto(int, int, Tensor)", t -> t[1].sliceInto(1, 1, t[0]), dims(2, 2), dims(2, 3));
        product("setSlice(int, int, Tensor)", t -> t[0].setSlice(1, 1, t[1]), dims(2, 3), dims(2, 2));
        product("addToSlice(int, int, Tensor)", t -> t[0].addToSlice(1, 1, t[1]), dims(2, 3), dims(2, 2));
        Tensor indices = Tensor.of(new float[] {1, 0}, 2);
        product("gatherRowsInto(Tensor, Tensor)", t -> t[1].gatherRowsInto(indices, t[0]), dims(2, 3), dims(2, 3));
        product("addToRows(Tensor, Tensor)", t -> t[0].addToRows(indices, t[1]), dims(2, 3), dims(2, 3));
        for (boolean add : List.of(false, true)) {
            product(
                    "matmulEach" + (add ? "Add" : "") + "Into(Tensor, Transposed, Tensor)",
                    t -> {
                        if (add) {
                            t[1].matmulEachAddInto(t[2], Transposed.NONE, t[0]);
                        } else {
                            t[1].matmulEachInto(t[2], Transposed.NONE, t[0]);
                        }
                    },
                    dims(2, 2, 4),
                    dims(2, 2, 3),
                    dims(2, 3, 4));
        }
        product("transposeInto(Tensor)", t -> t[1].transposeInto(t[0]), dims(3, 2), dims(2, 3));
        product(
                "matmulPlusRowInto(Tensor, Tensor, Tensor)",
                t -> t[1].matmulPlusRowInto(t[2], t[3], t[0]),
                dims(2, 4),
                dims(2, 3),
                dims(3, 4),
                dims(4));
        for (String name : List.of("matmulInto", "matmulAddInto")) {
            for (Transposed side : Transposed.values()) {
                Call call = name.equals("matmulInto")
                        ? t -> t[1].matmulInto(t[2], side, t[0])
                        : t -> t[1].matmulAddInto(t[2], side, t[0]);
                String method = name + "(Tensor, Transposed, Tensor)";
                product(
                        side == Transposed.NONE ? method : method + " " + side,
                        call,
                        switch (side) {
                            case NONE -> new int[][] {{2, 4}, {2, 3}, {3, 4}};
                            case LEFT -> new int[][] {{3, 4}, {2, 3}, {2, 4}};
                            case RIGHT -> new int[][] {{2, 4}, {2, 3}, {4, 3}};
                        });
            }
        }
    }

    /** Write to one tensor, and read none. */
    private static final Set<String> WRITERS_THAT_READ_NONE = Set.of(
            "set(float, int[])",
            "fill(float)",
            "scaleInPlace(float)",
            "clearTinyRowsInPlace()",
            "normal(Tensor, float, float)",
            "uniform(Tensor, float, float)",
            "fill(Tensor, double, Key)");

    private static final Set<String> READERS = Set.of(
            "matmul(Tensor)",
            "matmul(Tensor, Transposed)",
            "add(Tensor)",
            "subtract(Tensor)",
            "multiply(Tensor)",
            "multiplyRow(Tensor)",
            "dot(Tensor)",
            "overlaps(Tensor)",
            "bitEquals(Tensor)",
            "columnDots(Tensor, Tensor, double[], double[], double[], double[])",
            "of(Tensor)");

    @Test
    void everyWritingMethodIsListedHere() {
        Set<String> found = new TreeSet<>();
        for (Class<?> type : List.of(
                Tensor.class,
                Key.class,
                Shape.class,
                RandomOrthogonal.class,
                Qr.class,
                SingularValues.class,
                Losses.class,
                Normalization.class,
                TimePooling.class,
                GroupNormalization.class)) {
            Stream.of(type.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()))
                    .filter(method -> method.getReturnType() == void.class
                            || List.of(method.getParameterTypes()).contains(Tensor.class))
                    .map(OverlapTest::signature)
                    .forEach(found::add);
        }
        Set<String> known = new TreeSet<>(READERS);
        known.addAll(WRITERS_THAT_READ_NONE);
        WRITERS.keySet().stream().filter(name -> name.endsWith(")")).forEach(known::add);
        assertThat(known).isEqualTo(found);
    }

    private static String signature(Method method) {
        return Stream.of(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", ", method.getName() + "(", ")"));
    }

    /** Fresh tensors; one operand at a distance from the destination, in the same array, unless it is 0. */
    private static final class Trial {
        final Tensor[] tensors;
        final float[] array = new float[3 * MARGIN];

        Trial(Writer writer, int operand, int distance) {
            Key.of(1).uniform(Tensor.wrap(array, 0, Shape.of(array.length)), 0.5f, 1);
            tensors = new Tensor[writer.shapes.length];
            for (int i = 0; i < tensors.length; i++) {
                Shape shape = Shape.of(writer.shapes[i]);
                boolean shared = i == 0 || i == operand;
                int at = i == operand ? MARGIN + distance : MARGIN;
                tensors[i] = Tensor.wrap(shared ? array : array.clone(), at, shape);
            }
        }

        /** What is right: no operand shares memory with the destination. */
        float[] expected(Writer writer) {
            Tensor[] apart = Stream.of(tensors).map(Tensor::copy).toArray(Tensor[]::new);
            writer.call.on(apart);
            return apart[0].toArray();
        }
    }

    @TestFactory
    Stream<DynamicTest> aDestinationThatOverlapsAnOperandIsRefusedBeforeAnythingIsWritten() {
        return WRITERS.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Writer writer = e.getValue();
                    for (int operand = 1; operand < writer.shapes.length; operand++) {
                        int before = Shape.of(writer.shapes[operand]).size();
                        int behind = Shape.of(writer.shapes[0]).size();
                        for (int distance = -before; distance <= behind; distance++) {
                            check(writer, operand, distance, distance == -before || distance == behind);
                        }
                    }
                }));
    }

    private static void check(Writer writer, int operand, int distance, boolean apart) {
        Trial trial = new Trial(writer, operand, distance);
        if (apart || writer.inPlace.test(operand) && distance == 0) {
            float[] expected = trial.expected(writer);
            writer.call.on(trial.tensors);
            assertThat(trial.tensors[0].toArray()).isEqualTo(expected);
        } else {
            float[] held = trial.array.clone();
            assertThatThrownBy(() -> writer.call.on(trial.tensors))
                    .as("operand %s at distance %s", operand, distance)
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            "(?s).*(partially overlaps an operand|shares memory with).*give a separate tensor");
            assertThat(Arrays.equals(trial.array, held)).isTrue();
        }
    }

    @Test
    void indicesApartFromTheDestinationOnly() {
        Tensor shared = Tensor.of(new float[] {1, 0, 1, 0}, 4);
        Tensor indices = shared.rows(0, 2);
        Tensor rows = shared.reshape(4, 1).rows(1, 3);
        assertThatThrownBy(() -> Tensor.zeros(2, 1).gatherRowsInto(indices, rows))
                .hasMessage("gatherRows: the destination shares memory with the indices; give a separate tensor");
        assertThatThrownBy(() -> rows.addToRows(indices, Tensor.zeros(2, 1)))
                .hasMessage("addToRows: the destination shares memory with the indices; give a separate tensor");
        assertThat(shared.toArray()).containsExactly(1, 0, 1, 0);
    }

    @Test
    void anEmptyTensorOverlapsNothing() {
        float[] array = {1, 2, 3, 4};
        Tensor empty = Tensor.wrap(array, 2, Shape.of(0, 2));
        Tensor row = Tensor.wrap(array, 1, Shape.of(2));
        empty.addSumOfRowsInto(row);
        empty.fillRows(row);
        empty.addRowInPlace(row);
        assertThat(array).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aRowOfAMatrixIsNotAddedToThatMatrix() {
        Tensor x = Tensor.of(new float[] {1, 2, 10, 20}, 2, 2);
        assertThatThrownBy(() -> x.addRowInPlace(x.row(0)))
                .hasMessage("addRow: the destination shares memory with the row; give a separate tensor");
        x.addRowInPlace(x.row(0).copy());
        assertThat(x.toArray()).containsExactly(2, 4, 11, 22);
    }
}
