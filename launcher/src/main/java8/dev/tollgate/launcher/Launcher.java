package dev.tollgate.launcher;

import java.lang.reflect.InvocationTargetException;

/** Where {@code java -jar} comes in. Compiled for Java 8, so that an older Java can say what is needed instead of failing to load. */
public final class Launcher {
    private static final int NEEDED = 25;

    private Launcher() {}

    public static void main(String[] args) throws Exception {
        String version = System.getProperty("java.specification.version", "0");
        int found = Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
        if (found < NEEDED) {
            System.err.println("Tollgate needs Java " + NEEDED + " or newer, and this is Java " + found
                    + " (" + System.getProperty("java.home") + "): install a JDK " + NEEDED
                    + " and start it with that one, or set JAVA_HOME and use bin/tollgate.");
            System.exit(1);
        }
        try {
            Class.forName("dev.tollgate.launcher.FastStart").getMethod("attempt").invoke(null);
            Class.forName("dev.tollgate.launcher.Main")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Error) {
                throw (Error) cause;
            }
            throw (Exception) cause;
        }
    }
}
