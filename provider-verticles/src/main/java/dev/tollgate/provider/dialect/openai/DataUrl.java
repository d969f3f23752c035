package dev.tollgate.provider.dialect.openai;

import org.jspecify.annotations.Nullable;

/**
 * A {@code data:} URL (RFC 2397) with base64 content.
 *
 * @param mediaType its media type
 * @param base64 its content
 */
record DataUrl(String mediaType, String base64) {

    static @Nullable DataUrl parse(String url) {
        int comma = url.indexOf(',');
        if (!url.startsWith("data:") || comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
            return null;
        }
        String type = url.substring(5, comma - 7);
        int parameters = type.indexOf(';');
        return new DataUrl(parameters < 0 ? type : type.substring(0, parameters), url.substring(comma + 1));
    }
}
