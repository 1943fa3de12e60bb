package nn.jmh;

import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * A benchmark of JMH's that is set up and can be called. Of what JMH offers this knows what the benchmarks of this
 * project need: states of one scope, one parameter or none, {@link Setup} and {@link TearDown} of a trial.
 *
 * @param key the benchmark and its parameter
 * @param run calls it; returns nothing
 * @param state its object
 */
record Contender(Scores.Case key, MethodHandle run, Object state) {
    private static final String PASSWORD =
            "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.";

    /** The benchmarks of a selection. */
    static Iterable<BenchmarkListEntry> benchmarks(Rounds.Selection selection) {
        List<String> excluded = selection.exclude().isEmpty() ? List.of() : List.of(selection.exclude());
        return BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of(selection.include()),
                        excluded);
    }

    /** Makes a benchmark's state, sets the parameter and calls its methods for the beginning. */
    static Contender prepare(BenchmarkListEntry entry, Rounds.Selection selection) throws ReflectiveOperationException {
        Class<?> type = Class.forName(entry.getUserClassQName());
        String name = entry.getUsername().substring(entry.getUsername().lastIndexOf('.') + 1);
        Object state = type.getConstructor().newInstance();
        String value = selection.value();
        for (Field field : type.getFields()) {
            if (field.isAnnotationPresent(Param.class) && field.getName().equals(selection.parameterName())) {
                field.set(state, field.getType() == int.class ? Integer.valueOf(value) : value);
            }
        }
        callAll(state, Setup.class);
        MethodHandle run =
                MethodHandles.lookup().unreflect(type.getMethod(name)).bindTo(state);
        return new Contender(new Scores.Case(type.getSimpleName(), name, value), consumed(run), state);
    }

    /** Calls the benchmark's methods for the end. */
    void end() {
        callAll(state, TearDown.class);
    }

    private static void callAll(Object state, Class<? extends Annotation> annotation) {
        Arrays.stream(state.getClass().getMethods())
                .filter(method -> method.isAnnotationPresent(annotation))
                .forEach(method -> call(state, method));
    }

    /** Calls a method; other states that it asks for are made and set up. */
    private static void call(Object state, Method method) {
        try {
            List<Object> arguments = new ArrayList<>();
            for (Class<?> type : method.getParameterTypes()) {
                Object other = type.getConstructor().newInstance();
                callAll(other, Setup.class);
                arguments.add(other);
            }
            method.invoke(state, arguments.toArray());
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(method + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(method + " cannot be called", e);
        }
    }

    /** The same call without a result, which JMH consumes, so that C2 cannot leave it out. */
    private static MethodHandle consumed(MethodHandle run) throws ReflectiveOperationException {
        Class<?> result = run.type().returnType();
        if (result == void.class) {
            return run;
        }
        Class<?> taken = result.isPrimitive() ? result : Object.class;
        MethodHandle consume = MethodHandles.lookup()
                .findVirtual(Blackhole.class, "consume", MethodType.methodType(void.class, taken))
                .bindTo(new Blackhole(PASSWORD));
        return MethodHandles.filterReturnValue(run, consume.asType(MethodType.methodType(void.class, result)));
    }
}
