package spark;

import java.util.HashMap;
import java.util.Map;

/** A command line of {@code --name=value}. */
record Arguments(Map<String, String> values) {
    static Arguments of(String[] args) {
        Map<String, String> values = new HashMap<>();
        for (String arg : args) {
            int at = arg.indexOf('=');
            if (!arg.startsWith("--") || at < 0) {
                throw new IllegalArgumentException("'" + arg + "' is no option; write --name=value");
            }
            values.put(arg.substring(2, at), arg.substring(at + 1));
        }
        return new Arguments(values);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) {
        String text = text(name, "" + otherwise);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + name + " is '" + text + "'; give a number", e);
        }
    }
}
