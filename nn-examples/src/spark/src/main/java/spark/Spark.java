package spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import nn.examples.Main;
import nn.examples.sweep.Outcome;
import nn.examples.sweep.Recipe;
import nn.examples.sweep.Trial;
import nn.examples.sweep.TrialExecutor;
import nn.examples.sweep.TrialRunner;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * Runs the trials of a sweep on Spark: {@code nn sweep --executor spark}. Spark takes its settings from system
 * properties, such as {@code -Dspark.master=local[4]}.
 *
 * <p>A task of Spark is a few trials. Its outcomes go to the log of the sweep as soon as it ends, so that a killed
 * driver loses no finished task. Spark repeats the tasks of a lost executor; a trial gives the same outcome again. An
 * executor with another version of nn, whose bits may differ, ends the sweep.
 */
public final class Spark implements TrialExecutor {
    private static final int TRIALS = 8; // of a task: milliseconds of Spark for a second of training

    @Override
    public void run(Recipe recipe, List<Trial> trials, Sink sink) throws IOException {
        if (trials.isEmpty()) {
            return;
        }
        SparkConf settings = new SparkConf().setAppName("nn sweep").setIfMissing("spark.master", "local[*]");
        try (JavaSparkContext spark = new JavaSparkContext(settings)) {
            int tasks = Math.ceilDiv(trials.size(), TRIALS);
            var rdd = spark.parallelize(new ArrayList<>(trials), tasks).rdd();
            List<Object> all = new ArrayList<>();
            for (int task = 0; task < tasks; task++) {
                all.add(task);
            }
            Failures failures = new Failures();
            ClassTag<ArrayList<Finished>> tag = ClassTag$.MODULE$.apply(ArrayList.class);
            spark.sc()
                    .runJob(
                            rdd,
                            task(recipe, Main.version()),
                            CollectionConverters.asScala(all).toSeq(),
                            (Function2<Object, ArrayList<Finished>, BoxedUnit>) (task, finished) -> {
                                failures.keep(finished, sink);
                                return BoxedUnit.UNIT;
                            },
                            tag);
            failures.rethrow();
        } catch (Exception e) {
            if (e instanceof IOException failed) {
                throw failed;
            }
            if (e instanceof SparkException lost) { // a checked exception that Scala does not declare
                throw new IOException("Spark gave the sweep up: " + lost.getMessage(), lost);
            }
            throw (RuntimeException) e;
        }
    }

    /** A trial and its outcome, on their way to the driver. */
    record Finished(Trial trial, Outcome outcome) implements Serializable {}

    /** Returns the body of a task. Executors run it; Spark says which one when it fails. */
    private static Function2<TaskContext, Iterator<Trial>, ArrayList<Finished>> task(Recipe recipe, String version) {
        return (Function2<TaskContext, Iterator<Trial>, ArrayList<Finished>> & Serializable) (context, trials) -> {
            if (!Main.version().equals(version)) {
                throw new IllegalStateException("this executor has version " + Main.version() + " of nn, and the driver"
                        + " has " + version + "; give all of them the same jars");
            }
            TrialRunner runner = new TrialRunner(recipe);
            ArrayList<Finished> finished = new ArrayList<>();
            while (trials.hasNext()) {
                Trial trial = trials.next();
                finished.add(new Finished(trial, runner.run(trial)));
            }
            return finished;
        };
    }

    /** Hands outcomes to the sink, on a thread of Spark that must not throw. */
    private static final class Failures {
        private IOException first;

        synchronized void keep(List<Finished> finished, Sink sink) {
            for (Finished one : finished) {
                try {
                    if (first == null) {
                        sink.accept(one.trial(), one.outcome());
                    }
                } catch (IOException e) {
                    first = e;
                }
            }
        }

        synchronized void rethrow() throws IOException {
            if (first != null) {
                throw first;
            }
        }
    }
}
