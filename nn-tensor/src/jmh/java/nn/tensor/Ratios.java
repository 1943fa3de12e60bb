package nn.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import nn.jmh.FmaPeak;
import nn.jmh.Jvm;
import nn.jmh.Rounds;
import nn.jmh.Scores;
import nn.jmh.Settings;
import nn.jmh.Table;

/**
 * Measures products, element-wise operations and orthogonal matrices, with whatever other libraries are on the class
 * path, and prints ratios by size.
 */
public final class Ratios {
    /** Plain Java libraries are up to twenty times slower than the rest: a few small shapes tell as much as all. */
    private static final String SLOW = "Ejml|VectorBlas";

    private static final String PRODUCT_AND_PEAK = "nn\\.tensor\\.(\\w*Matmul\\w*\\.product|FmaPeakBenchmark\\.fma)$";

    private static final Set<String> FOR_SLOW = Set.of(
            "square-32",
            "square-64",
            "square-128",
            "square-256",
            "square-512",
            "forward-32",
            "dW-32",
            "dX-32",
            "out-32");

    private static final List<String> ELEMENTWISE = List.of(
            "tanh",
            "tanhGrad",
            "exp",
            "log",
            "sigmoid",
            "relu",
            "reluGrad",
            "add",
            "sum",
            "bias",
            "biasGrad",
            "uniform",
            "normal");

    private static final List<String> MATRIX = List.of("orthogonal", "factorization");

    private static final int IN_CACHE = 8192;
    private static final int FILL = 1 << 20;

    private Ratios() {}

    public static void main(String[] args) throws IOException {
        Settings settings = Settings.parse(List.of(args));
        Path log = Files.createTempFile("nn-ratios", ".log");
        System.out.println(Jvm.describe());
        System.out.println("nn.tensor: " + settings + "\nlog: " + log);
        Scores scores = Rounds.measure(selections(settings), settings, log);
        products(scores, settings);
        elementwise(scores, settings);
        orthogonal(scores, settings);
    }

    private static List<Rounds.Selection> selections(Settings settings) {
        List<Rounds.Selection> selections = new ArrayList<>();
        for (String shape : settings.select(Product.names())) {
            String without = FOR_SLOW.contains(shape) ? "" : SLOW;
            selections.add(new Rounds.Selection(PRODUCT_AND_PEAK, without, "shape=" + shape));
        }
        String all = "nn\\.tensor\\..*Elementwise.*\\.";
        for (String operation : settings.select(ELEMENTWISE)) {
            selections.add(new Rounds.Selection(all + operation + "$", "", "size=" + size(operation)));
        }
        for (String method : settings.select(MATRIX)) {
            selections.add(new Rounds.Selection("nn\\.tensor\\..*\\." + method + "$", "", "n=1024"));
        }
        return selections;
    }

    private static int size(String operation) {
        return operation.equals("uniform") || operation.equals("normal") ? FILL : IN_CACHE;
    }

    private static void products(Scores scores, Settings settings) {
        System.out.println("\nProducts of a layer 784 -> 256 and an output layer 128 -> 10 by batch;\n"
                + "ratios above 1: nn is faster. Peak: multiply-adds on registers alone, in the\n"
                + "same turns on one thread, for each thread.");
        Table table = new Table(
                        scores,
                        "Matmul",
                        "product",
                        "GFLOP/s",
                        row -> gflops(row),
                        List.of(new Table.Extra(
                                "of peak", row -> gflops(row) / (settings.threads() * peak(scores, row)))))
                .must(0.65)
                .meanMust(0.85);
        settings.select(Product.names()).forEach(shape -> table.row(shape, "product", shape));
        table.summary();
    }

    private static double peak(Scores scores, Table.Row row) {
        return FmaPeak.FLOPS / scores.ours("FmaPeak", "fma", row.parameter()).orElse(Double.NaN);
    }

    private static double gflops(Table.Row row) {
        return Product.of(row.parameter()).flops() / row.time();
    }

    private static void elementwise(Scores scores, Settings settings) {
        Table table = new Table(
                scores,
                "Elementwise",
                "element-wise",
                "ns/elem",
                row -> row.time() / Integer.parseInt(row.parameter()),
                List.of(new Table.Extra("size", row -> Integer.parseInt(row.parameter()))));
        settings.select(ELEMENTWISE).forEach(operation -> table.row(operation, operation, "" + size(operation)));
    }

    private static void orthogonal(Scores scores, Settings settings) {
        Table table = new Table(scores, "Qr", "matrix", "ms", row -> row.time() * 1e-6, List.of());
        settings.select(MATRIX).forEach(method -> table.row(method + " 1024", method, "1024"));
    }
}
