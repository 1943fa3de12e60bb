package nn.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Typesets the ASCII formulas in the sentences of cards and drawings.
 *
 * <p>{@link #html} finds the formulas in a sentence and sets them in MathML: {@code E z^2 = n Var(w)/2} as an
 * expectation, a power and a fraction; {@code d_in}, {@code sigma_w^2} and {@code z_(l+1)} with their indices. {@link
 * #text} uses characters only, for places without markup, such as the title of a drawing.
 *
 * <p>The grammar, by precedence: relations ({@code = < > <= >= ~ -> <-}), sums, fractions ({@code /}), products
 * ({@code *}, or nothing between factors), powers ({@code ^}), and atoms: numbers ({@code 1e-6} too), letters with an
 * index ({@code z1}, {@code z_l}), names of Greek letters and of functions, groups in parentheses, brackets or bars.
 * The letters a, A and I, which are also English words, belong to a formula only next to other parts of one.
 */
final class Formulas {
    private static final Map<String, String> GREEK = Map.ofEntries(
            Map.entry("alpha", "α"),
            Map.entry("beta", "β"),
            Map.entry("chi", "χ"),
            Map.entry("gamma", "γ"),
            Map.entry("sigma", "σ"),
            Map.entry("xi", "ξ"),
            Map.entry("pi", "π"),
            Map.entry("phi", "φ"),
            Map.entry("omega", "ω"),
            Map.entry("lambda", "λ"),
            Map.entry("mu", "μ"),
            Map.entry("Phi", "Φ"));
    /** Functions that take an argument without parentheses too: sqrt 2, ln chi, Var z. */
    private static final Set<String> PREFIXES =
            Set.of("E", "Var", "sqrt", "ln", "log", "exp", "sin", "cos", "arccos", "det", "tr", "prod");

    private static final Set<String> FUNCTIONS = Set.of("tanh", "relu", "ReLU", "log10", "max", "min", "sigmoid");
    /** Products of two letters, written without a space. */
    private static final Set<String> JOINED = Set.of("Wx", "Wh", "UA", "UQ", "Px");

    private static final Set<String> INDEX_WORDS = Set.of("in", "out");
    /** Marks where a long formula may break into the next line, since browsers do not break within a formula. */
    private static final String BREAK = "\u0001";

    private static final int LONG = 32;
    private static final String APPLY = "<mo>&#x2061;</mo>";
    private static final Set<String> ARTICLES = Set.of("a", "A", "I");

    private static final Pattern PARENTHESES =
            Pattern.compile("<mrow><mo form=\"prefix\"[^>]*>\\(</mo>(.*)<mo form=\"postfix\"[^>]*>\\)</mo></mrow>");
    private static final Pattern NUMBER =
            Pattern.compile("(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?(?:e([+-]?)0*(\\d+))?(?![A-Za-z]{2})");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]+(?:'[a-z]+)?");
    private static final Pattern LETTERS = Pattern.compile("log10|[A-Za-z]+");
    private static final Pattern RELATION = Pattern.compile(" ?(<=|>=|->|<-|=|<|>|~) ?");
    private static final Pattern SIGN = Pattern.compile(" (\\+-|\\+|-) |(\\+-|\\+|-)(?=[^ >])");
    private static final Pattern TIMES = Pattern.compile(" ?\\* ?| x +(?=\\d)| (?=10\\^)");

    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    private static final Map<Character, String> RAISED =
            Map.of('-', "⁻", '+', "⁺", '(', "⁽", ')', "⁾", 'n', "ⁿ", 'l', "ˡ", 'L', "ᴸ", 'T', "ᵀ", 't', "ᵗ");
    private static final String SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
    private static final Map<Character, String> LOWERED =
            Map.of('i', "ᵢ", 'n', "ₙ", 'o', "ₒ", 'u', "ᵤ", 't', "ₜ", 'l', "ₗ", '+', "₊", '-', "₋");

    private final String text;
    /** Index at which the formula begins. */
    private final int origin;

    private int at;
    /** Whether the text read so far is more than a number. */
    private boolean formula;
    /** Number of open groups and function arguments; inside them a letter is never an article. */
    private int depth;

    /** Whether a fraction has a bar, as in a sentence, or a slash, as in a table or next to an axis. */
    private final boolean stacked;

    private Formulas(String text, int from, boolean stacked) {
        this.text = text;
        this.stacked = stacked;
        this.origin = from;
        this.at = from;
    }

    // ---- sentences ----

    /**
     * Returns a sentence with its formulas in MathML and everything else escaped.
     *
     * @param text plain ASCII
     * @return HTML
     */
    static String html(String text) {
        return html(text, true);
    }

    /**
     * Returns a name or a number for a table or a drawing: as {@link #html}, with fractions on one line.
     *
     * @param text plain ASCII
     * @return HTML
     */
    static String line(String text) {
        return html(text, false);
    }

    private static String html(String text, boolean stacked) {
        StringBuilder out = new StringBuilder();
        int from = 0;
        while (from < text.length()) {
            Formulas run = new Formulas(text, from, stacked);
            boolean times = text.startsWith("x ", from)
                    && from > 0
                    && text.charAt(from - 1) == ' '
                    && text.substring(from + 2).matches("(?s) *[\\dA-Z].*");
            String set = times ? null : run.relation();
            if (set != null && run.formula) {
                boolean breaks = run.at - from > LONG;
                out.append("<math>")
                        .append(set.replace(BREAK, breaks ? "</math>&#x200b;<math>" : ""))
                        .append("</math>");
                from = run.at;
                continue;
            }
            Matcher word = WORD.matcher(text).region(from, text.length());
            Matcher number = NUMBER.matcher(text).region(from, text.length());
            int end = word.lookingAt() ? word.end() : number.lookingAt() ? number.end() : from + 1;
            out.append(prose(text.substring(from, end), text, from));
            from = end;
        }
        return out.toString();
    }

    /** Escapes text outside of formulas, and sets minus, multiplication sign and apostrophe. */
    private static String prose(String part, String text, int from) {
        boolean spaceBefore = from == 0 || " (,".indexOf(text.charAt(from - 1)) >= 0;
        String rest = text.substring(from + part.length());
        if (part.equals("-") && spaceBefore && rest.matches("(?s) ?[0-9.].*")) {
            return "−";
        }
        if (part.equals("*") || part.equals("x") && spaceBefore && rest.matches("(?s) +[\\dA-Z].*")) {
            return "×";
        }
        if (part.equals("+") && rest.startsWith("-")) {
            return "±";
        }
        if (part.equals("-") && from > 0 && text.charAt(from - 1) == '+') {
            return "";
        }
        return escape(part.replace("'", "’"));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    // ---- the grammar: each method reads its part, or returns null and does not move ----

    /** Applies a rule; if it fails, goes back to the start. */
    private String attempt(Supplier<String> rule) {
        int start = at;
        boolean before = formula;
        String set = rule.get();
        if (set == null) {
            at = start;
            formula = before;
        }
        return set;
    }

    /** Reads the text that a pattern matches here; null if there is none. */
    private Matcher read(Pattern pattern) {
        Matcher m = pattern.matcher(text)
                .region(at, text.length())
                .useTransparentBounds(true)
                .useAnchoringBounds(false);
        if (!m.lookingAt()) {
            return null;
        }
        at = m.end();
        return m;
    }

    private boolean next(String word) {
        return text.startsWith(word, at);
    }

    private String relation() {
        if (at > 0 && (Character.isLetterOrDigit(text.charAt(at - 1)) || text.charAt(at - 1) == '\'')) {
            return null;
        }
        return relations();
    }

    private String relations() {
        String left = sum();
        if (left == null) {
            return null;
        }
        StringBuilder all = new StringBuilder(left);
        while (true) {
            String more = attempt(() -> {
                Matcher sign = read(RELATION);
                String right = sign == null ? null : sum();
                if (right == null) {
                    return null;
                }
                formula = true;
                String relation = switch (sign.group(1)) {
                    case "<=" -> "≤";
                    case ">=" -> "≥";
                    case "->" -> "→";
                    case "<-" -> "←";
                    default -> escape(sign.group(1));
                };
                return (depth == 0 ? BREAK : "") + "<mo form=\"infix\">" + relation + "</mo>" + right;
            });
            if (more == null) {
                return all.toString();
            }
            all.append(more);
        }
    }

    private String sum() {
        return attempt(() -> {
            String sign = next("+-") ? "±" : next("-") && !next("->") ? "−" : "";
            at += sign.equals("±") ? 2 : sign.length();
            String first = fraction();
            if (first == null) {
                return null;
            }
            StringBuilder all = new StringBuilder(sign.isEmpty() ? first : operator(sign, "prefix") + first);
            while (true) {
                String more = attempt(this::term);
                if (more == null) {
                    return all.toString();
                }
                all.append(more);
            }
        });
    }

    /**
     * Reads a plus or minus and its term: spaces on both sides of the sign, or on neither. Two numbers with a bare
     * hyphen are not a sum.
     */
    private String term() {
        boolean digit = at > 0 && Character.isDigit(text.charAt(at - 1));
        Matcher sign = read(SIGN);
        if (sign == null || sign.group(2) != null && digit && depth == 0) {
            return null;
        }
        String plus = sign.group(1) != null ? sign.group(1) : sign.group(2);
        String right = next("...") ? dots() : fraction();
        if (right == null) {
            return null;
        }
        formula = true;
        return operator(plus.equals("+-") ? "±" : plus.equals("-") ? "−" : "+", "infix") + right;
    }

    private String dots() {
        at += 3;
        return "<mo>…</mo>";
    }

    private static String operator(String sign, String form) {
        return "<mo form=\"" + form + "\">" + sign + "</mo>";
    }

    /** Reads products over powers. A factor after a fraction begins a new fraction. */
    private String fraction() {
        String first = product();
        if (first == null) {
            return null;
        }
        StringBuilder all = new StringBuilder();
        String above = first;
        while (true) {
            String numerator = above;
            String over = attempt(() -> {
                if (next(" / ")) {
                    at += 3;
                } else if (next("/")) {
                    at++;
                } else {
                    return null;
                }
                String below = power();
                if (below == null) {
                    return null;
                }
                formula = true;
                return stacked
                        ? "<mfrac>" + row(bare(numerator)) + row(bare(below)) + "</mfrac>"
                        : numerator + "<mo lspace=\"0.1em\" rspace=\"0.1em\">/</mo>" + below;
            });
            if (over == null) {
                return all.append(above).toString();
            }
            String further = attempt(() -> {
                String times = times();
                return times == null ? null : prepend(times, product());
            });
            if (further == null) {
                above = over;
            } else {
                all.append(over);
                above = further;
            }
        }
    }

    private static String prepend(String before, String after) {
        return after == null ? null : before + after;
    }

    /** Drops parentheses around a whole part of a fraction or a root, where the bar takes their place. */
    private static String bare(String set) {
        Matcher ends = PARENTHESES.matcher(set);
        if (!ends.matches()) {
            return set;
        }
        int level = 0;
        Matcher row = Pattern.compile("<(/?)mrow>").matcher(set);
        while (row.find()) {
            level += row.group(1).isEmpty() ? 1 : -1;
            if (level == 0 && row.end() < set.length()) {
                return set;
            }
        }
        return ends.group(1);
    }

    private static String row(String set) {
        return "<mrow>" + set + "</mrow>";
    }

    private String product() {
        String factor = power();
        if (factor == null) {
            return null;
        }
        StringBuilder all = new StringBuilder(factor);
        while (true) {
            String more = attempt(() -> {
                String times = times();
                return times == null ? null : prepend(times, power());
            });
            if (more == null) {
                return all.toString();
            }
            all.append(more);
        }
    }

    /** Reads a multiplication sign, or none; null where no factor can follow. */
    private String times() {
        Matcher sign = read(TIMES);
        if (sign != null) {
            formula = true;
            return "<mo>×</mo>";
        }
        boolean space = next(" ");
        if (space) {
            at++;
        }
        if (at >= text.length() || at == 0) {
            return null;
        }
        char before = text.charAt(at - 1);
        char c = text.charAt(at);
        // a number after a space is the next number of the sentence, a number after a letter its index
        boolean follows = Character.isLetter(c) || "([|".indexOf(c) >= 0 && (depth > 0 || c != '(' || space);
        if (!follows || !space && !Character.isDigit(before) && before != ')' && before != ']') {
            return null;
        }
        if (c == '(' && !atGroupOfFormula() || space && text.substring(at).matches("(?s)x +[\\dA-Z].*")) {
            return null;
        }
        return space ? "<mspace width=\"0.17em\"/>" : "<mo>&#x2062;</mo>";
    }

    /** Returns whether the parenthesis here opens a factor, not a remark such as (tanh), (n = 100) or (1, 1). */
    private boolean atGroupOfFormula() {
        if (text.substring(at).matches("(?s)\\((?:[A-Za-z]{3,}\\)|[^()]*[=~<>,]).*")) {
            return false;
        }
        Formulas inner = new Formulas(text, at, stacked);
        inner.depth = 1;
        return inner.group('(', ')') != null && inner.formula;
    }

    private String power() {
        return attempt(() -> {
            String base = atom();
            if (base == null) {
                return null;
            }
            while (true) {
                String raised = base;
                String next = attempt(() -> {
                    if (next("'") && !text.substring(at).matches("(?s)'[A-Za-z].*")) {
                        at++;
                        formula = true;
                        return "<msup>" + raised + "<mo>′</mo></msup>" + argument();
                    }
                    if (!next("^")) {
                        return null;
                    }
                    at++;
                    String exponent = exponent();
                    formula = true;
                    return exponent == null ? null : raise(raised, row(exponent)) + argument();
                });
                if (next == null) {
                    return base;
                }
                base = row(next);
            }
        });
    }

    /** Raises a base. The exponent of f(z)^2 stands at the parentheses, that of f'^2 behind the prime. */
    private static String raise(String base, String exponent) {
        int applied = base.indexOf(APPLY);
        if (applied >= 0 && base.startsWith("<mrow>") && !base.startsWith("<mrow><mo form")) {
            int argument = applied + APPLY.length();
            return base.substring(0, argument) + "<msup>"
                    + row(base.substring(argument, base.length() - "</mrow>".length()))
                    + exponent + "</msup></mrow>";
        }
        String prime = "<mo>′</mo></msup></mrow>";
        if (base.startsWith("<mrow><msup>") && base.endsWith(prime)) {
            return base.substring(0, base.length() - prime.length()) + row("<mo>′</mo>" + exponent) + "</msup></mrow>";
        }
        if (base.startsWith("<msub>")) {
            return "<msubsup>" + base.substring("<msub>".length(), base.length() - "</msub>".length()) + exponent
                    + "</msubsup>";
        }
        return "<msup>" + base + exponent + "</msup>";
    }

    /** Reads the argument of a function with a prime or a power. */
    private String argument() {
        String group = next("(") ? attempt(() -> group('(', ')')) : null;
        return group == null ? "" : APPLY + group;
    }

    private String exponent() {
        String sign = next("-") ? operator("−", "prefix") : "";
        if (!sign.isEmpty()) {
            at++;
        }
        depth++;
        try {
            String set = next("(") ? group('(', ')') : atom();
            return set == null ? null : sign.isEmpty() ? bare(set) : sign + set;
        } finally {
            depth--;
        }
    }

    private String group(char open, char close) {
        if (!next(String.valueOf(open))) {
            return null;
        }
        at++;
        depth++;
        try {
            StringBuilder all = new StringBuilder("<mrow><mo form=\"prefix\">" + open + "</mo>");
            if (open == '|' && next(" ")) {
                at++;
            }
            while (true) {
                String part = next("...") ? dots() : relations();
                if (part == null) {
                    return null;
                }
                all.append(part);
                if (next(", ")) {
                    at += 2;
                    all.append("<mo separator=\"true\">,</mo>");
                    continue;
                }
                if (open == '|' && next(" |")) {
                    at++;
                }
                if (!next(String.valueOf(close))) {
                    return null;
                }
                at++;
                formula = true;
                String inside = all.append("<mo form=\"postfix\">")
                        .append(close)
                        .append("</mo></mrow>")
                        .toString();
                boolean tall = inside.contains("<mfrac>") || inside.contains("<msqrt>");
                return tall
                        ? inside
                        : inside.replace(
                                        "<mo form=\"prefix\">" + open, "<mo form=\"prefix\" stretchy=\"false\">" + open)
                                .replace(
                                        "<mo form=\"postfix\">" + close,
                                        "<mo form=\"postfix\" stretchy=\"false\">" + close);
            }
        } finally {
            depth--;
        }
    }

    private String atom() {
        if (at >= text.length()) {
            return null;
        }
        char c = text.charAt(at);
        return switch (c) {
            case '(' -> at == origin ? groupAtStart() : attempt(() -> group('(', ')'));
            case '[' -> attempt(() -> group('[', ']'));
            case '|' -> attempt(() -> group('|', '|'));
            default -> Character.isDigit(c) ? number() : Character.isLetter(c) ? attempt(this::name) : null;
        };
    }

    /**
     * Reads parentheses at the start. A remark in parentheses may be a formula too, but only a factor is set as one.
     */
    private String groupAtStart() {
        return attempt(() -> {
            String set = group('(', ')');
            return set == null || !next("^") && !next("/") && !next(" / ") && !next(" =") && !next(" (") ? null : set;
        });
    }

    private String number() {
        Matcher m = read(NUMBER);
        if (m == null) {
            return null;
        }
        if (m.group(2) == null) {
            return "<mn>" + m.group() + "</mn>";
        }
        formula = true;
        String mantissa = m.group().substring(0, m.group().indexOf('e'));
        return (mantissa.equals("1") ? "" : "<mn>" + mantissa + "</mn><mo>×</mo>")
                + "<msup><mn>10</mn>"
                + row(("-".equals(m.group(1)) ? operator("−", "prefix") : "") + "<mn>" + m.group(2) + "</mn>")
                + "</msup>";
    }

    private String name() {
        boolean first = at == origin;
        boolean joined = at > 0 && text.charAt(at - 1) == ' ' && at > 1 && "=<>~+-/*".indexOf(text.charAt(at - 2)) < 0;
        Matcher m = read(LETTERS);
        String word = m.group();
        if (PREFIXES.contains(word)) {
            return function(word, true);
        }
        if (FUNCTIONS.contains(word)) {
            return function(word, false);
        }
        if (JOINED.contains(word)) {
            formula = true;
            return row("<mi>" + word.charAt(0) + "</mi><mo>&#x2062;</mo><mi>" + word.charAt(1) + "</mi>");
        }
        boolean differential = word.matches("d[A-Za-z]") && !word.equals("do");
        if (word.length() > 1 && !GREEK.containsKey(word) && !differential) {
            return null;
        }
        if (ARTICLES.contains(word) && depth == 0 && (first || joined) && article(first)) {
            return null;
        }
        if (word.matches("[dD]") && at > 1 && text.charAt(at - 2) == '-') {
            return null;
        }
        String base = GREEK.containsKey(word)
                ? "<mi>" + GREEK.get(word) + "</mi>"
                : differential
                        ? row("<mi mathvariant=\"normal\">d</mi><mi>" + word.charAt(1) + "</mi>")
                        : "<mi>" + word + "</mi>";
        formula |= !ARTICLES.contains(word)
                || !first
                || depth > 0
                || at < text.length() && "^_([=".indexOf(text.charAt(at)) >= 0;
        String set = base;
        if (next("_")) {
            at++;
            String index = index();
            if (index == null) {
                return null;
            }
            formula = true;
            set = "<msub>" + base + row(index) + "</msub>";
        } else if (at < text.length() && Character.isDigit(text.charAt(at)) && !differential) {
            Matcher digits = read(Pattern.compile("\\d+(?![\\d.]*[A-Za-z\\d])"));
            if (digits == null) {
                return null;
            }
            formula = true;
            set = "<msub>" + base + "<mn>" + digits.group() + "</mn></msub>";
        }
        if (next("(")) {
            String argument = attempt(() -> group('(', ')'));
            return argument == null ? set : row(set + APPLY + argument);
        }
        return set;
    }

    /** Returns whether the letter just read is an English word: another word follows, or nothing mathematical. */
    private boolean article(boolean first) {
        String rest = text.substring(at);
        if (rest.matches("(?s) (=|<|>|~|\\+|-|/|\\*) .*") || rest.matches("(?s)[\\^_(\\[=/*'].*")) {
            return false;
        }
        if (rest.matches("(?s) [A-Za-z]{2,}.*")) {
            return true;
        }
        return first;
    }

    private String index() {
        if (next("(")) {
            String group = group('(', ')');
            return group == null ? null : bare(group);
        }
        Matcher m = read(Pattern.compile("\\d+|[A-Za-z]+"));
        if (m == null) {
            return null;
        }
        String word = m.group();
        if (Character.isDigit(word.charAt(0))) {
            return "<mn>" + word + "</mn>";
        }
        if (INDEX_WORDS.contains(word) || word.length() == 1) {
            return "<mi>" + word + "</mi>";
        }
        StringBuilder letters = new StringBuilder();
        word.chars().forEach(c -> letters.append("<mi>").append((char) c).append("</mi>"));
        return letters.toString();
    }

    /** Reads a function with its argument. Without an argument, the name is a word of the sentence, not a formula. */
    private String function(String word, boolean prefix) {
        String name = "<mi mathvariant=\"normal\">" + (word.equals("relu") ? "ReLU" : escape(word)) + "</mi>";
        if (word.equals("log10")) {
            name = "<msub><mi>log</mi><mn>10</mn></msub>";
        }
        if (word.equals("E")) {
            name = "<mi mathvariant=\"normal\">E</mi>";
        }
        if (word.equals("prod")) {
            name = "<mo>∏</mo>";
        }
        depth++;
        try {
            if (next("(") || next("[")) {
                String argument = next("(") ? attempt(() -> group('(', ')')) : attempt(() -> group('[', ']'));
                if (argument == null) {
                    return null;
                }
                formula = true;
                return word.equals("sqrt") ? "<msqrt>" + bare(argument) + "</msqrt>" : row(name + APPLY + argument);
            }
            if (next("|") && word.equals("E")) {
                String argument = power();
                formula |= argument != null;
                return argument == null ? null : row(name + "<mspace width=\"0.1em\"/>" + argument);
            }
            if (prefix && next(" ")) {
                String argument = attempt(() -> {
                    at++;
                    return power();
                });
                if (argument != null) {
                    formula = true;
                    return word.equals("sqrt")
                            ? "<msqrt>" + argument + "</msqrt>"
                            : row(name + "<mspace width=\"0.17em\"/>" + argument);
                }
                return null;
            }
        } finally {
            depth--;
        }
        // relu^2, tanh', and a function as the argument of another
        if (next("^") || next("'") && !text.substring(at).matches("(?s)'[A-Za-z].*") || depth > 0) {
            formula |= depth == 0;
            return name;
        }
        return null;
    }

    // ---- characters only ----

    /**
     * Returns a sentence whose formulas use no markup but raised and lowered digits, Greek letters and signs.
     *
     * @param ascii plain ASCII
     * @return text
     */
    static String text(String ascii) {
        String text = ascii.replaceAll("(?<=\\d)e\\+?(-?)0*(\\d+)\\b", " × 10^$1$2")
                .replaceAll("(?<![\\d.])1 × 10\\^", "10^")
                .replace("+-", "±")
                .replace("->", "→")
                .replace("<-", "←")
                .replace("<=", "≤")
                .replace(">=", "≥")
                .replaceAll(" x (?=\\d)", " × ")
                .replace(" * ", " × ")
                .replaceAll("\\bsqrt\\b ?", "√");
        for (Map.Entry<String, String> letter : GREEK.entrySet()) {
            text = text.replaceAll("\\b" + letter.getKey() + "(?![A-Za-z])", letter.getValue());
        }
        text = shifted(text, Pattern.compile("\\^(-?\\([^()]*\\)|-?[A-Za-z0-9]+)"), SUPERSCRIPTS, RAISED);
        text = shifted(text, Pattern.compile("_(\\([^()]*\\)|[A-Za-z]+|\\d+)"), SUBSCRIPTS, LOWERED);
        text = shifted(text, Pattern.compile("(?<=\\b[A-Za-z])(\\d+)\\b"), SUBSCRIPTS, LOWERED);
        return text.replaceAll("(?<=[ (=,]|^)-(?=[0-9.√])", "−").replaceAll(" - ", " − ");
    }

    /** Replaces each match by raised or lowered characters; a letter without such a form stays as it is. */
    private static String shifted(String text, Pattern pattern, String digits, Map<Character, String> letters) {
        return pattern.matcher(text).replaceAll(m -> {
            List<String> out = new ArrayList<>();
            for (char c : m.group(1).toCharArray()) {
                if (digits.equals(SUBSCRIPTS) && (c == '(' || c == ')')) {
                    continue;
                }
                out.add(
                        Character.isDigit(c)
                                ? digits.substring(c - '0', c - '0' + 1)
                                : letters.getOrDefault(c, String.valueOf(c)));
            }
            return Matcher.quoteReplacement(String.join("", out));
        });
    }
}
