package dev.tollgate.accounting;

import dev.tollgate.protocol.Usage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a spend record says at its end: the mark of the prices, and behind it, with spaces in between, the tokens of pictures in the prompt
 * and in the answer, if there were any. A record has no other free place, and a version that knows of no pictures stores the whole text as the
 * mark: with one of ten characters it has at most the 40 that the column takes.
 *
 * @param version {@link dev.tollgate.accounting.price.Tariff#version}, or empty
 */
public record PriceMark(String version, long imagePrompt, long imageCompletion) {
    private static final long MOST = 99_999_999_999_999L;
    private static final Pattern WITH_PICTURES = Pattern.compile("(.*) (\\d{1,14}) (\\d{1,14})");

    /** Of a row. */
    public static PriceMark of(String version, Usage usage) {
        return new PriceMark(version, count(usage.imagePrompt()), count(usage.imageCompletion()));
    }

    private static long count(long tokens) {
        return Math.clamp(tokens, 0, MOST);
    }

    /** Reads what {@link #text} wrote; such a text may stand in a store, too, when a version that knows of no pictures put it there. */
    public static PriceMark read(String text) {
        if (text.indexOf(' ') < 0) {
            return new PriceMark(text, 0, 0);
        }
        Matcher pictures = WITH_PICTURES.matcher(text);
        return pictures.matches()
                ? new PriceMark(pictures.group(1), Long.parseLong(pictures.group(2)), Long.parseLong(pictures.group(3)))
                : new PriceMark(text, 0, 0);
    }

    /** So many tokens a column has; where it has none, what the mark says. */
    public static long pictures(@Nullable Object stored, long marked) {
        return stored instanceof Number number ? number.longValue() : marked;
    }

    /** As it is written. */
    public String text() {
        return imagePrompt == 0 && imageCompletion == 0 ? version : version + ' ' + imagePrompt + ' ' + imageCompletion;
    }
}
