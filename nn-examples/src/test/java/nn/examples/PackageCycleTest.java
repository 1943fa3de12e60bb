package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.init.Init;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.Trainer;
import org.junit.jupiter.api.Test;

/** No two packages of a module need each other, directly or through others: read from the compiled classes. */
class PackageCycleTest {
    private static final Map<String, Class<?>> MODULES = modules();

    /** A class name in a descriptor or signature. */
    private static final Pattern IN_DESCRIPTOR = Pattern.compile("L((?:\\w+/)+)[\\w$]+[;<]");

    private static Map<String, Class<?>> modules() {
        Map<String, Class<?>> modules = new LinkedHashMap<>();
        modules.put("nn.tensor", Tensor.class);
        modules.put("nn.init", Init.class);
        modules.put("nn.layers", Layer.class);
        modules.put("nn.train", Trainer.class);
        modules.put("nn.examples", Main.class);
        return modules;
    }

    @Test
    void noPackagesOfAModuleNeedEachOther() throws IOException, URISyntaxException {
        for (Map.Entry<String, Class<?>> module : MODULES.entrySet()) {
            SortedMap<String, SortedSet<String>> needs = needs(module.getValue());
            assertThat(needs).as("packages of " + module.getKey()).containsKey(module.getKey());
            SortedMap<String, SortedSet<String>> cycles = new TreeMap<>();
            for (String from : needs.keySet()) {
                SortedSet<String> back = new TreeSet<>(reachable(needs, from));
                back.removeIf(to -> to.equals(from) || !reachable(needs, to).contains(from));
                if (!back.isEmpty()) {
                    cycles.put(from, back);
                }
            }
            assertThat(cycles)
                    .as("packages of " + module.getKey() + " that need each other")
                    .isEmpty();
        }
    }

    @Test
    void aNeedIsFoundWhereAClassIsCalledOrIsOnlyPartOfASignature() throws IOException, URISyntaxException {
        assertThat(needs(Trainer.class).get("nn.train"))
                .contains("nn.train.loss", "nn.train.metric", "nn.train.optimizer", "nn.train.schedule");
        assertThat(needs(Trainer.class).get("nn.train.metric")).contains("nn.train.loss");
    }

    @Test
    void packagesThatAreNotExportedAreLookedAtAsWell() throws IOException, URISyntaxException {
        SortedMap<String, SortedSet<String>> needs = needs(Tensor.class);
        assertThat(needs.get("nn.tensor")).contains("nn.tensor.internal", "nn.tensor.internal.driver");
        assertThat(needs.get("nn.tensor.internal.driver")).contains("nn.tensor.internal");
        assertThat(needs.get("nn.tensor.internal"))
                .contains("nn.tensor.internal.element", "nn.tensor.internal.row", "nn.tensor.internal.random");
        assertThat(needs.get("nn.tensor.internal.window"))
                .contains("nn.tensor.internal.product", "nn.tensor.internal.thread", "nn.tensor.internal.warmup");
    }

    /** Every package that can be reached from one by one step or more. */
    private static Set<String> reachable(Map<String, SortedSet<String>> needs, String from) {
        Set<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(needs.getOrDefault(from, new TreeSet<>()));
        while (!open.isEmpty()) {
            String next = open.pop();
            if (seen.add(next)) {
                open.addAll(needs.getOrDefault(next, new TreeSet<>()));
            }
        }
        return seen;
    }

    /** The packages that each package of a module needs, other modules left out. */
    private static SortedMap<String, SortedSet<String>> needs(Class<?> member) throws IOException, URISyntaxException {
        SortedMap<String, SortedSet<String>> needs = new TreeMap<>();
        for (ClassModel model : CompiledClasses.withThoseOf(member)) {
            String from = packageOf(model.thisClass().asInternalName());
            packages(model)
                    .forEach(to ->
                            needs.computeIfAbsent(from, _ -> new TreeSet<>()).add(to));
        }
        needs.forEach((from, to) -> {
            to.remove(from);
            to.retainAll(needs.keySet());
        });
        return needs;
    }

    private static Set<String> packages(ClassModel model) {
        Set<String> packages = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type
                when !type.asInternalName().startsWith("[") -> packages.add(packageOf(type.asInternalName()));
                case Utf8Entry text -> {
                    Matcher names = IN_DESCRIPTOR.matcher(text.stringValue());
                    while (names.find()) {
                        packages.add(packageOf(names.group(1) + "X"));
                    }
                }
                default -> {}
            }
        }
        return packages;
    }

    private static String packageOf(String internalName) {
        return internalName
                .substring(0, Math.max(0, internalName.lastIndexOf('/')))
                .replace('/', '.');
    }
}
