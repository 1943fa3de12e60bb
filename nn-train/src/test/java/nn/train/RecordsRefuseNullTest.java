package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import nn.layers.Layer;
import nn.layers.dense.Dense;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.checkpoint.LoadPlan;
import nn.train.checkpoint.Safetensors;
import nn.train.data.Batch;
import nn.train.data.Categories;
import nn.train.data.Dataset;
import nn.train.data.Preprocessing;
import nn.train.diagnose.Examination;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.Jacobian;
import nn.train.diagnose.LayerReading;
import nn.train.diagnose.Rehearsal;
import nn.train.diagnose.Remedy;
import nn.train.diagnose.Treatment;
import nn.train.diagnose.WatchReport;
import nn.train.loss.Distillation;
import nn.train.loss.Huber;
import nn.train.loss.KullbackLeibler;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SigmoidFocalCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.loss.SoftmaxFocalCrossEntropy;
import nn.train.loss.Weighted;
import nn.train.metric.Monitor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Chain;
import nn.train.optimizer.Muon;
import nn.train.optimizer.ParameterGroups;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.Transform;
import nn.train.schedule.Plateau;
import nn.train.shard.Shards;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A record of this module refuses null for any component, by its name, when it is made. */
class RecordsRefuseNullTest {
    private static final Tensor X = Tensor.full(1, 2, 3);
    private static final Layer MODEL = Dense.of(3, 2, Key.of(1));

    private static final LayerReading READING = new LayerReading("a", "b", "c", 1, 1, 1, 1, 1, 1, 1, 1, 1);

    /** One of each public record that has a component that can be null. */
    private static List<Record> examples() {
        InitReport report = InitReport.of(MODEL, Tensor.zeros(4, 3), Key.of(2)); // with findings: the input is 0
        ParameterGroups groups =
                ParameterGroups.others(Sgd.of(0.1)).with("all", (path, parameter) -> true, Sgd.of(0.2));
        Dataset data = new Dataset(Tensor.zeros(4, 3), Tensor.zeros(4, 2));
        Trainer trainer = new Trainer(MODEL, new MeanSquaredError(), Sgd.of(0.1), Key.of(3));
        return List.of(
                EarlyStopping.NONE,
                new EpochReport(1, 1, 1, 1, 1, 1, 1, 1, new LinkedHashMap<>(), new LinkedHashMap<>()),
                FitOptions.epochs(1),
                new History(List.of(), StopReason.COMPLETED),
                new StepReport(1, 1, 1, 1, 1),
                TrainerOptions.NONE,
                Shards.of(2),
                trainer.state(),
                new Checkpoint.Drift(1, 1),
                new LoadPlan(List.of()),
                Preprocessing.NONE,
                new LoadPlan.Entry("a", "b", X.shape(), LoadPlan.Outcome.TAKEN, ""),
                new Safetensors(new LinkedHashMap<>(), new LinkedHashMap<>()),
                new Batch(X, X),
                Categories.of("a", "b"),
                data,
                data.split(0.5, Key.of(4)),
                report,
                report.findings().getFirst(),
                Remedy.advice("wait."),
                Treatment.ofInputs(),
                report.fixed(),
                READING,
                new Examination.Place(READING, MODEL, Optional.empty(), X, X, X, Optional.empty()),
                new WatchReport(1, 1, 1, 1, 1, List.of(), List.of(), List.of()),
                new Rehearsal.Rate(List.of(), List.of(), List.of()),
                new Rehearsal.Overfit(1, 1, 1, 1, List.of()),
                new WatchReport.Units("a", "b", 1, 1, 1, 1, 1, 1),
                new WatchReport.Weight("a", 1, 1, 1, 1, 1, 1, true),
                Jacobian.at(MODEL, Tensor.full(1, 1, 3)),
                new Huber(1),
                new Masked(new MeanSquaredError()),
                new MeanAbsoluteError(),
                new MeanSquaredError(),
                new SigmoidCrossEntropy(),
                new SigmoidFocalCrossEntropy(2),
                new SoftmaxFocalCrossEntropy(2),
                new KullbackLeibler(),
                new Distillation(2),
                new SoftmaxCrossEntropy(),
                new Weighted(new MeanSquaredError()),
                Monitor.LOSS,
                Adagrad.of(0.1),
                Adam.of(0.1),
                AdamW.of(0.1),
                groups,
                groups.groups().getFirst(),
                Chain.of(0.1, Transform.sign()),
                Muon.of(0.1),
                RmsProp.of(0.1),
                Sgd.of(0.1),
                Plateau.of(0.5, 1));
    }

    @TestFactory
    Stream<DynamicTest> nullIsRefusedByName() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Record example : examples()) {
            RecordComponent[] components = example.getClass().getRecordComponents();
            for (int i = 0; i < components.length; i++) {
                int place = i;
                if (!components[i].getType().isPrimitive()) {
                    String name = example.getClass().getSimpleName() + "." + components[i].getName();
                    tests.add(DynamicTest.dynamicTest(name, () -> assertRefused(example, place)));
                }
            }
        }
        return tests.stream();
    }

    private static void assertRefused(Record example, int place) throws ReflectiveOperationException {
        RecordComponent[] components = example.getClass().getRecordComponents();
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            arguments[i] = i == place ? null : components[i].getAccessor().invoke(example);
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<?> constructor = example.getClass().getDeclaredConstructor(types);
        Throwable thrown = null;
        try {
            constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        }
        assertThat(thrown).isInstanceOf(NullPointerException.class);
        assertThat(thrown.getMessage()).contains(components[place].getName());
        assertThat(thrown.getStackTrace()[0].getClassName())
                .isEqualTo("java.util.Objects"); // checked, not stumbled over
    }

    @Test
    void everyPublicRecordHasAnExample() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(Trainer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> missing = new ArrayList<>();
        List<? extends Class<?>> known =
                examples().stream().map(Record::getClass).toList();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name =
                        root.relativize(file).toString().replace(".class", "").replaceAll("[/\\\\]", ".");
                if (name.equals("module-info") || name.startsWith("nn.train.internal.")) {
                    continue;
                }
                Class<?> type = Class.forName(name, false, Trainer.class.getClassLoader());
                boolean visible = Modifier.isPublic(type.getModifiers())
                        && (type.getEnclosingClass() == null
                                || Modifier.isPublic(type.getEnclosingClass().getModifiers()));
                // The trainer refuses a gradient that is null, and names the loss that gave it.
                boolean checked = type == Loss.Value.class
                        || Stream.of(type.isRecord() ? type.getRecordComponents() : new RecordComponent[0])
                                .allMatch(component -> component.getType().isPrimitive());
                if (visible && !checked && !known.contains(type)) {
                    missing.add(name);
                }
            }
        }
        assertThat(missing).isEmpty();
    }
}
