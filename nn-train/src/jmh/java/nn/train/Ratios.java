package nn.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import nn.jmh.Jvm;
import nn.jmh.Rounds;
import nn.jmh.Scores;
import nn.jmh.Settings;
import nn.jmh.Table;

/**
 * Measures training steps, each workload in JVMs of its own, layers, losses, optimizers, recurrent layers, inference,
 * fading networks and files by themselves, and the first steps after a start, with whatever other libraries are on the
 * class path; prints ratios by size, and marks the rows that miss what they must reach.
 */
public final class Ratios {
    private static final String FIRST_STEPS = "first-steps";
    private static final int MAY_LOSE = 800; // milliseconds of training
    private static final String PEERS = "Torch|Onnx|Steady|Raw"; // of tasks, as a regular expression

    private Ratios() {}

    public static void main(String[] args) throws IOException {
        Coverage.check();
        Settings settings = Settings.parse(List.of(args));
        Path log = Files.createTempFile("nn-ratios", ".log");
        System.out.println(Jvm.describe());
        System.out.println("nn.train: " + settings + "\nlog: " + log);
        steps(settings, log);
        parts(settings, log);
        optimizers(settings, log);
        recurrent(settings, log);
        inference(settings, log);
        fading(settings, log);
        data(settings, log);
        if (FIRST_STEPS.contains(settings.only())) {
            firstSteps(settings);
        }
    }

    private static void parts(Settings settings, Path log) {
        for (String shape : List.of(Part.SMALL, Part.LARGE, Part.CLASSES)) {
            parts(shape, settings.select(Part.names(shape)), settings, log);
        }
    }

    private static void parts(String shape, List<String> names, Settings settings, Path log) {
        if (names.isEmpty()) {
            return;
        }
        List<Rounds.Selection> selections = names.stream()
                .map(name -> new Rounds.Selection(
                        "nn\\.train\\..*Part.*\\.run$", Part.hasPeer(name) ? "" : "Torch", "part=" + name))
                .toList();
        Scores scores = Rounds.measure(selections, settings, log);
        Table table = new Table(scores, "Part", shape, "us", row -> row.time() * 1e-3, List.of()).must(1);
        names.forEach(name -> table.row(name.split("-")[0].replace('_', ' '), "run", name));
        table.summary();
    }

    private static void optimizers(Settings settings, Path log) {
        for (String shape : List.of(OptimizerTask.SMALL, OptimizerTask.LARGE)) {
            List<String> names = settings.select(OptimizerTask.names(shape));
            Scores scores = measure(names, settings, log);
            Table.Extra adams = new Table.Extra(
                    "x Adam",
                    row -> row.time()
                            / scores.ours("Task", "run", "optimizer:adam-" + shape)
                                    .orElse(Double.NaN));
            print(scores, "2 x " + shape, names, List.of(adams), (table, name) -> table.must(isFused(name) ? 0.95 : 1));
        }
    }

    /** Whether PyTorch has one operator for the whole update. */
    private static boolean isFused(String name) {
        return Stream.of("sgd", "momentum", "nesterov", "adam-", "adam+", "adamw", "amsgrad", "adagrad")
                .anyMatch(fused -> name.contains(":" + fused));
    }

    private static void recurrent(Settings settings, Path log) {
        List<String> names = settings.select(RecurrentTask.NAMES);
        if (names.isEmpty()) {
            return;
        }
        Scores scores = measure(names, settings, log);
        List<Table.Extra> extras = new ArrayList<>();
        if (settings.threads() > 1) {
            Scores alone = Rounds.measure(
                    names.stream().map(name -> selection(name, PEERS)).toList(), settings.onOneThread(), log);
            extras.add(new Table.Extra(
                    "x 1 th.", row -> alone.ours("Task", "run", row.parameter()).orElse(Double.NaN) / row.time()));
        }
        print(scores, "recurrent layer", names, extras, (table, name) -> table.must(1.1, "Torch"));
    }

    private static void inference(Settings settings, Path log) {
        List<String> names = settings.select(InferenceTask.NAMES);
        print(
                measure(names, settings, log),
                "inference",
                names,
                List.of(),
                (table, name) -> table.must(name.endsWith("-1") ? 1.5 : 1, "Onnx"));
    }

    private static void fading(Settings settings, Path log) {
        List<String> names = settings.select(FadingTask.NAMES);
        Table.Extra each = new Table.Extra("/ depth", row -> row.time() * 1e-3 / FadingTask.depth(row.name()));
        print(measure(names, settings, log), "fading", names, List.of(each), (table, name) -> table.must(1 / 1.5));
    }

    private static void data(Settings settings, Path log) {
        List<String> names = settings.select(DataTask.names(settings.quick()));
        Table.Extra speed = new Table.Extra("MB/s", row -> DataTask.bytes(row.name()) / row.time() * 1e3);
        print(measure(names, settings, log), "data", names, List.of(speed), (table, name) -> {});
        names.forEach(name -> DataTask.delete(name.substring(name.indexOf(':') + 1)));
    }

    private static Scores measure(List<String> tasks, Settings settings, Path log) {
        List<Rounds.Selection> selections =
                tasks.stream().map(task -> selection(task, without(task))).toList();
        return tasks.isEmpty() ? new Scores() : Rounds.measure(selections, settings, log);
    }

    private static Rounds.Selection selection(String task, String without) {
        return new Rounds.Selection("nn\\.train\\..*Task.*\\.run$", without, "task=" + task);
    }

    /** Prints a table of tasks; the limit of each row is set before it. */
    private static void print(
            Scores scores,
            String title,
            List<String> tasks,
            List<Table.Extra> extras,
            BiConsumer<Table, String> limit) {
        if (tasks.isEmpty()) {
            return;
        }
        Table table = new Table(scores, "Task", title, "us", row -> row.time() * 1e-3, extras);
        for (String task : tasks) {
            limit.accept(table, task);
            String member = task.substring(task.indexOf(':') + 1);
            table.row(member.replaceFirst("-\\d+x\\d+$", ""), "run", task);
        }
        table.summary();
    }

    /** What a task is not compared with, as a regular expression. */
    private static String without(String task) {
        return switch (task.substring(0, task.indexOf(':'))) {
            case "fading" -> "Torch|Onnx|Raw";
            case "data" -> "Torch|Onnx|Steady";
            case "inference" -> "Steady|Raw";
            default -> task.matches("recurrent:(rnn|lstm|gru)-.*-infer") ? "Steady|Raw" : "Onnx|Steady|Raw";
        };
    }

    /** Workloads in JVMs of their own, as one network is trained in a program. */
    private static void steps(Settings settings, Path log) {
        List<String> names = settings.select(Workload.NAMES);
        if (names.isEmpty()) {
            return;
        }
        List<Rounds.Selection> selections = names.stream()
                .map(name -> new Rounds.Selection(
                        "nn\\.train\\..*Training.*\\.step$",
                        name.matches(Workload.ONLY_TORCH) ? "Djl|Xla" : "",
                        "workload=" + name))
                .toList();
        Scores scores = Rounds.measureApart(selections, settings, log);
        Table table = new Table(
                scores,
                "Training",
                "training step",
                "us",
                row -> row.time() * 1e-3,
                List.of(new Table.Extra(
                        "bytes",
                        row -> scores.bytes("Training", row.method(), row.parameter())
                                .orElse(Double.NaN))));
        names.forEach(name ->
                table.must(Workload.must(name)).most(Workload.most(name)).row(name, "step", name));
        table.summary();
    }

    /** From the start of the process; the median of each number by itself. */
    private static void firstSteps(Settings settings) throws IOException {
        List<int[]> runs = new ArrayList<>();
        for (int i = 0; i < 2 * settings.forks() + 1; i++) {
            List<String> command = Jvm.command(settings);
            command.addAll(List.of(FirstSteps.class.getName(), Instant.now().toString()));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] lines =
                    new String(process.getInputStream().readAllBytes()).strip().split("\n");
            runs.add(Arrays.stream(lines[lines.length - 1].split(" "))
                    .mapToInt(Integer::parseInt)
                    .toArray());
        }
        int[] medians = new int[FirstSteps.FIGURES];
        for (int i = 0; i < medians.length; i++) {
            int at = i;
            int[] sorted = runs.stream().mapToInt(run -> run[at]).sorted().toArray();
            medians[i] = sorted[sorted.length / 2];
        }
        System.out.printf(
                "%nmlp-sgd-32 from process start to the end of step 1: %d ms, 10: %d ms, 100: %d ms%n"
                        + "training lost in the first 3 seconds: %d ms%s%n",
                medians[0], medians[1], medians[2], medians[3], medians[3] > MAY_LOSE ? "  > " + MAY_LOSE : "");
    }
}
