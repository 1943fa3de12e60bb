package nn.examples.report;

/** Text in lines of at most 80 columns. */
public final class Paragraph {
    private static final int WIDTH = 80;

    private Paragraph() {}

    /**
     * Breaks a text into lines. A word longer than a line stays whole.
     *
     * @param margin precedes the first line; the other lines are indented by its length
     * @param words the text
     * @return the lines, each with a line feed at its end
     */
    public static String of(String margin, String words) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder(margin);
        for (String word : words.strip().split("\\s+")) {
            if (line.length() + 1 + word.length() > WIDTH && line.length() > margin.length()) {
                text.append(line).append('\n');
                line = new StringBuilder(" ".repeat(margin.length()));
            }
            line.append(line.length() > margin.length() ? " " : "").append(word);
        }
        return text.append(line).append('\n').toString();
    }
}
