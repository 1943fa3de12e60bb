package nn.examples;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import nn.examples.Example.Option;
import nn.examples.claims.Paragraph;
import nn.examples.claims.deadrelu.ActiveAtTheStart;
import nn.examples.claims.deadrelu.BornDead;
import nn.examples.claims.deadrelu.TrainingTheDead;
import nn.examples.claims.deadrelu.WideNetsDoNotCare;
import nn.examples.claims.symmetry.DistinctValuesAfterAStep;
import nn.examples.claims.symmetry.OneNeuronPerLayer;
import nn.examples.claims.symmetry.SymmetryIsForEver;
import nn.examples.claims.symmetry.WhatBreaksSymmetry;
import nn.examples.claims.symmetry.ZerosNeverMove;
import nn.examples.claims.variance.FourOverWidthExplodes;
import nn.examples.claims.variance.HeKeepsTheSecondMoment;
import nn.examples.claims.variance.LargeWeightsSaturate;
import nn.examples.claims.variance.ReluMoments;
import nn.examples.claims.variance.SmallWeightsVanish;
import nn.examples.claims.variance.TheTextsOwnConstant;
import nn.examples.claims.variance.VarianceOverTheData;
import nn.examples.claims.variance.XavierHalvesUnderRelu;

/** The launcher: {@code nn list}, {@code nn NAME}, {@code nn NAME --help}. */
public final class Main {
    private static final List<Example> EXAMPLES = List.of(
            new Digits(),
            new Fashion(),
            new ClaimExample(
                    "symmetry",
                    "units that begin alike stay alike: zero and constant weights",
                    List.of(
                            new ZerosNeverMove(),
                            new DistinctValuesAfterAStep(),
                            new SymmetryIsForEver(),
                            new OneNeuronPerLayer(),
                            new WhatBreaksSymmetry())),
            new ClaimExample(
                    "variance",
                    "signals by depth: Xavier, He, Var(ReLU), vanishing and exploding",
                    List.of(
                            new ReluMoments(),
                            new HeKeepsTheSecondMoment(),
                            new FourOverWidthExplodes(),
                            new XavierHalvesUnderRelu(),
                            new VarianceOverTheData(),
                            new TheTextsOwnConstant(),
                            new SmallWeightsVanish(),
                            new LargeWeightsSaturate())),
            new ClaimExample(
                    "dead-relu",
                    "units that are zero on every input, and what a bias does",
                    List.of(
                            new ActiveAtTheStart(),
                            new BornDead(),
                            new WideNetsDoNotCare(),
                            new TrainingTheDead())));

    private Main() {}

    /**
     * Runs one example and ends the process with its exit code.
     *
     * @param args the example's name and its options
     */
    public static void main(String[] args) {
        int code = run(Arrays.asList(args), Terminal.system());
        System.out.flush();
        System.exit(code);
    }

    /** Runs one example; gives the exit code. */
    static int run(List<String> words, Terminal terminal) {
        if (words.isEmpty() || words.getFirst().equals("list") || words.getFirst().equals("--help")) {
            list(terminal);
            return 0;
        }
        String name = words.getFirst();
        Example example = EXAMPLES.stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElse(null);
        if (example == null) {
            terminal.line("nn: no example '%s'; 'nn list' shows them", name);
            return 2;
        }
        List<String> rest = words.subList(1, words.size());
        if (rest.contains("--help") || rest.contains("-h")) {
            help(example, terminal);
            return 0;
        }
        try {
            return example.run(Arguments.parse(example.options(), rest), terminal);
        } catch (UsageException | IOException e) {
            terminal.out().print(Paragraph.of("nn " + name + ": ", e.getMessage()));
            return 2;
        }
    }

    private static void list(Terminal terminal) {
        terminal.line("nn NAME [options]      nn NAME --help      nn list");
        terminal.line("");
        for (Example example : EXAMPLES) {
            terminal.line("  %-10s %s", example.name(), example.summary());
        }
    }

    private static void help(Example example, Terminal terminal) {
        terminal.line("nn %s: %s", example.name(), example.summary());
        terminal.line("");
        for (Option option : example.options()) {
            String usage = option.name() + (option.value().isEmpty() ? "" : " " + option.value());
            String fallback = option.fallback().isEmpty() ? "" : " (" + option.fallback() + ")";
            terminal.line("  %-13s %s%s", usage, option.text(), fallback);
        }
        terminal.line("  %-13s %s", "--help", "this text");
    }
}
