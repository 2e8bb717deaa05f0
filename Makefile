# tlstep: build, tests, lint, packages. Nothing but GNU make and a POSIX shell is needed to start.
#
#   make            build ./tlstep               make run     install what is missing, build, start
#   make test       run the tests                make check   install what is missing, build, run the tests
#   make lint       format, tidy, cppcheck, rooms, headers
#   make asan|tsan  the tests under sanitizers   make fuzz    fuzz targets, SECONDS each
#   make bench      speed against peers          make install PREFIX=/usr/local DESTDIR=
#
#   BUILD=dir  another folder for everything that is built     ROOM=name      only the tests in tests/name
#   WERROR=yes warnings are errors                             INSTALL=no     never call apt
#   PEERS=yes  also install peers that are daemons (nginx)     V=1            show every command
#   CFLAGS, CPPFLAGS, LDFLAGS  added to ours

BUILD     ?= build
PREFIX    ?= /usr/local
INSTALL   ?= yes
PEERS     ?= no
WERROR    ?= no
SANITIZE  ?=
SECONDS   ?= 10
ROOM      ?= *
CC        := $(if $(filter default,$(origin CC)),gcc,$(CC))

# As many jobs as processors, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc) --no-print-directory
endif
MAKEFLAGS += --no-builtin-rules
say = $(if $(V),,@printf '  %-5s %s\n' $(1) '$@';)
.SUFFIXES:
.DELETE_ON_ERROR:

# The rooms of the library, in the order of docs/architecture.md.
LIBRARY_ROOMS := base wire explain crypt pki capture trace net tls engine probe lab report stepper
LIBRARIES     := gnutls ncursesw panelw formw jansson inih zlib libidn2
# Used where pkg-config finds them: MODULE=DEFINE.
OPTIONAL      := libbrotlidec=HAVE_BROTLI libzstd=HAVE_ZSTD
FOUND         := $(foreach o,$(OPTIONAL),$(shell pkg-config --exists $(firstword $(subst =, ,$(o))) 2>/dev/null && echo $(o)))
FOUND_LIBRARIES := $(foreach o,$(FOUND),$(firstword $(subst =, ,$(o))))
FOUND_DEFINES   := $(foreach o,$(FOUND),-D$(lastword $(subst =, ,$(o))))

# --- flags ------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings
ifeq ($(SANITIZE),)
OPTIMISE := -O2 -g -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
endif

ALL_CPPFLAGS := -D_GNU_SOURCE -Iinclude $(FOUND_DEFINES) $(shell pkg-config --cflags $(LIBRARIES) $(FOUND_LIBRARIES) 2>/dev/null) $(CPPFLAGS)
ALL_CFLAGS   := -std=c11 $(WARNINGS) $(if $(filter yes,$(WERROR)),-Werror) -fPIE -pthread $(OPTIMISE) $(CFLAGS)
ALL_LDFLAGS  := -pie -pthread -Wl,-z,relro -Wl,--as-needed $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
LIBS         := $(shell pkg-config --libs $(LIBRARIES) $(FOUND_LIBRARIES) 2>/dev/null)

# --- sources ----------------------------------------------------------------------------------------

sources = $(wildcard $(foreach room,$(1),src/$(room)/*.c src/$(room)/*/*.c))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

REGISTRIES := $(wildcard src/wire/data/*.tsv)
FIELD_DOCS := $(wildcard docs/fields/*.md)
THEMES     := $(wildcard themes/*.theme)
LESSONS    := $(wildcard docs/lessons/*.md)

LIBRARY_OBJECTS := $(call objects,$(call sources,$(LIBRARY_ROOMS)))
LIBRARY_OBJECTS += $(if $(REGISTRIES),$(BUILD)/gen/registries.o)
LIBRARY_OBJECTS += $(if $(FIELD_DOCS),$(BUILD)/gen/explanations.o)
LIBRARY_OBJECTS += $(BUILD)/gen/ct_logs.o $(BUILD)/gen/lessons.o
UI_OBJECTS      := $(call objects,$(call sources,ui)) $(if $(THEMES),$(BUILD)/gen/themes.o)
CLI_OBJECTS     := $(call objects,$(call sources,cli))
SUPPORT_OBJECTS := $(call objects,$(wildcard tests/support/*.c))
UNBUFFERED      := $(call objects,tests/support/unbuffered.c)

TEST_SOURCES  := $(wildcard $(foreach room,$(ROOM),tests/$(room)/test_*.c))
TEST_SCRIPTS  := $(wildcard $(foreach room,$(ROOM),tests/$(room)/test_*.sh))
TEST_PROGRAMS := $(TEST_SOURCES:%.c=$(BUILD)/%)
FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
PAIR_OBJECTS   := $(call objects,$(wildcard tests/bench/pair/*.c))
ALL_OBJECTS   := $(LIBRARY_OBJECTS) $(UI_OBJECTS) $(CLI_OBJECTS) $(SUPPORT_OBJECTS) \
                 $(PAIR_OBJECTS) $(call objects,$(TEST_SOURCES) $(wildcard tests/fuzz/*.c tests/bench/*.c))

# --- the program ------------------------------------------------------------------------------------

PROGRAM := $(BUILD)/tlstep
.PHONY: all
all: $(PROGRAM)

# Only the usual build folder puts the binary where the README says it is.
ifeq ($(BUILD),build)
all: tlstep
tlstep: $(PROGRAM)
	@ln -f $< $@
endif

$(PROGRAM): $(BUILD)/libcli.a $(BUILD)/libui.a $(BUILD)/libtlstep.a
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# A stamp changes only when its text does: new flags rebuild everything, a removed source the archives.
write_stamp = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(1))' >$@
.PHONY: FORCE
FORCE:
$(BUILD)/flags: FORCE
	@$(if $(LIBS),:,INSTALL=no tests/packages/install build)
	$(call write_stamp,$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS))
$(BUILD)/sources: FORCE
	$(call write_stamp,$(LIBRARY_OBJECTS) $(UI_OBJECTS) $(CLI_OBJECTS) $(SUPPORT_OBJECTS))

define archive
$(BUILD)/$(1): $(2) $(BUILD)/sources
	@rm -f $$@
	$$(call say,AR)ar rcsD $$@ $(2)
endef
$(eval $(call archive,libtlstep.a,$(LIBRARY_OBJECTS)))
$(eval $(call archive,libui.a,$(UI_OBJECTS)))
$(eval $(call archive,libcli.a,$(CLI_OBJECTS)))
$(eval $(call archive,libsupport.a,$(SUPPORT_OBJECTS)))

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CPPFLAGS) $(EXTRA_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/obj/tests/%.o: EXTRA_CPPFLAGS = -Itests -Itests/support $(addprefix -I,$(wildcard $(dir $(<:tests/%=src/%))))

# --- generated sources ------------------------------------------------------------------------------

$(BUILD)/gen/registries.c: src/wire/data/generate.awk $(REGISTRIES)
$(BUILD)/gen/explanations.c: src/explain/generate.awk $(FIELD_DOCS)
$(BUILD)/gen/themes.c: themes/generate.awk $(THEMES)
$(BUILD)/gen/lessons.c: src/stepper/lessons.awk $(LESSONS)
$(BUILD)/gen/ct_logs.c: src/pki/data/generate.awk src/pki/data/ct_log.tsv
$(BUILD)/gen/%.c:
	@mkdir -p $(@D)
	$(call say,GEN)LC_ALL=C awk -f $^ >$@

$(BUILD)/gen/registries.o: EXTRA_CPPFLAGS = -Isrc/wire
$(BUILD)/gen/explanations.o: EXTRA_CPPFLAGS = -Isrc/explain
$(BUILD)/gen/themes.o: EXTRA_CPPFLAGS = -Isrc/ui
$(BUILD)/gen/lessons.o: EXTRA_CPPFLAGS = -Isrc/stepper
$(BUILD)/gen/ct_logs.o: EXTRA_CPPFLAGS = -Isrc/pki
# ISO C asks compilers for string literals of 4095 bytes only; ours all take longer ones.
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	$(call say,CC)$(CC) $(ALL_CPPFLAGS) $(EXTRA_CPPFLAGS) $(ALL_CFLAGS) -Wno-overlength-strings -MMD -MP -c -o $@ $<

-include $(ALL_OBJECTS:.o=.d)

# --- tests ------------------------------------------------------------------------------------------

.PHONY: tests test
tests: $(TEST_PROGRAMS)
test: tests $(PROGRAM)
	@BUILD='$(BUILD)' SANITIZE='$(SANITIZE)' PEERS='$(PEERS)' tests/run $(TEST_PROGRAMS) $(TEST_SCRIPTS)

# Archives give a test only what it asks for, so each may have a main and doubles of its own.
$(TEST_PROGRAMS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(UNBUFFERED) $(BUILD)/libsupport.a $(BUILD)/libcli.a $(BUILD)/libui.a $(BUILD)/libtlstep.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $< $(UNBUFFERED) $(BUILD)/libsupport.a $(BUILD)/libcli.a $(BUILD)/libui.a $(BUILD)/libtlstep.a -lcmocka $(LIBS)

# --- packages, and the two commands of the README -----------------------------------------------------

# Installing comes first and building in a make of its own, which sees what has been installed.
.PHONY: run check
run:
	@INSTALL='$(INSTALL)' tests/packages/install build run
	@$(MAKE) all
	@if [ -t 1 ]; then $(PROGRAM) lab:good; else $(PROGRAM) report lab:good; fi

check:
	@INSTALL='$(INSTALL)' tests/packages/install build run test $(if $(filter yes,$(PEERS)),peers)
	@$(MAKE) test

# The others install nothing, but say what they miss.
.PHONY: need-test need-lint
need-test need-lint: need-%:
	@INSTALL=no tests/packages/install build $*

# --- sanitizers and fuzzing ---------------------------------------------------------------------------

.PHONY: asan tsan fuzz fuzz-programs
asan: need-test
	@$(MAKE) BUILD='$(BUILD)/asan' SANITIZE=address,undefined test

tsan: need-test
	@$(MAKE) BUILD='$(BUILD)/tsan' SANITIZE=thread ROOM='$(if $(filter *,$(ROOM)),engine,$(ROOM))' test

fuzz: need-lint
	@$(MAKE) BUILD='$(BUILD)/fuzz' CC=clang SANITIZE=address,undefined,fuzzer-no-link fuzz-programs
	@BUILD='$(BUILD)/fuzz' tests/fuzz/run '$(SECONDS)' $(notdir $(FUZZ_PROGRAMS))

fuzz-programs: $(FUZZ_PROGRAMS)
$(FUZZ_PROGRAMS): $(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/libtlstep.a
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# --- lint ---------------------------------------------------------------------------------------------

# A build folder of its own, since warnings are errors there. A file that was found clean is looked at
# again when it, a header that it includes, or the rules have changed.
LINT_FILES   := $(wildcard include/tlstep/*.h $(foreach d,src tests,$(d)/*/*.[ch] $(d)/*/*/*.[ch]))
LINT_SOURCES := $(filter src/%.c,$(LINT_FILES))
LINT_HEADERS := $(filter include/%.h,$(LINT_FILES))
lint_stamps   = $(patsubst %,$(BUILD)/lint/$(1)/%.ok,$(2))
stamp         = @mkdir -p $(@D) && touch $@

.PHONY: lint lint-all format
lint: need-lint need-test
	@$(MAKE) --keep-going BUILD='$(BUILD)/lint' WERROR=yes lint-all && echo 'lint: clean'

lint-all: $(ALL_OBJECTS) $(call lint_stamps,format,$(LINT_FILES)) $(call lint_stamps,tidy,$(LINT_SOURCES)) \
          $(call lint_stamps,header,$(LINT_HEADERS)) $(BUILD)/lint/cppcheck.ok $(BUILD)/lint/rooms.ok \
          $(BUILD)/lint/style.ok $(BUILD)/lint/shell.ok

$(BUILD)/lint/format/%.ok: % .clang-format
	$(call say,FORM)clang-format --dry-run -Werror $<
	$(stamp)

$(BUILD)/lint/tidy/%.c.ok: %.c $(BUILD)/obj/%.o .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY)clang-tidy --quiet $< -- $(ALL_CPPFLAGS) -std=c11 $(WARNINGS) 2>$(@:.ok=.log) || { cat $(@:.ok=.log); exit 1; }
	@touch $@

# Alone, twice, and with both compilers.
$(BUILD)/lint/header/%.ok: % $(LINT_HEADERS) $(BUILD)/flags
	$(call say,HEAD)for compiler in gcc clang; do \
	    printf '#include "%s"\n#include "%s"\n' $< $< | \
	        $$compiler $(ALL_CPPFLAGS) -I. -std=c11 $(WARNINGS) -Werror -fsyntax-only -x c - || exit 1; \
	done
	$(stamp)

$(BUILD)/lint/cppcheck.ok: $(LINT_FILES) tests/lint/cppcheck
	@mkdir -p $(BUILD)/lint/cppcheck.cache
	$(call say,CPPC)cppcheck --quiet -j $(shell nproc) --std=c11 --enable=warning,style,performance,portability \
	    --inline-suppr --suppressions-list=tests/lint/cppcheck --error-exitcode=1 -D_GNU_SOURCE \
	    --cppcheck-build-dir=$(BUILD)/lint/cppcheck.cache -Iinclude src
	$(stamp)

$(BUILD)/lint/rooms.ok: $(LINT_FILES) tests/lint/rooms.awk docs/architecture.md
	$(call say,ROOMS)awk -f tests/lint/rooms.awk docs/architecture.md $(filter include/% src/%,$(LINT_FILES))
	$(stamp)

$(BUILD)/lint/style.ok: $(LINT_FILES) tests/lint/style.awk
	$(call say,STYLE)awk -f tests/lint/style.awk $(LINT_FILES)
	$(stamp)

SHELL_FILES := $(wildcard .ci/run tests/packages/install docs/*.sh tests/run tests/*/run tests/*/*.sh)
$(BUILD)/lint/shell.ok: $(SHELL_FILES)
	$(call say,SHELL)for file in $(SHELL_FILES); do sh -n $$file || exit 1; done
	$(stamp)

format: need-lint
	clang-format -i $(LINT_FILES)

# --- bench --------------------------------------------------------------------------------------------

.PHONY: bench bench-programs
bench: need-test all bench-programs
	@BUILD='$(BUILD)' tests/bench/run

bench-programs: $(BENCH_PROGRAMS) $(BUILD)/bench/pair
$(BUILD)/bench/pair: $(PAIR_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $^
# The peers carry the same libraries, so that the dynamic linker has the same work with them.
$(BENCH_PROGRAMS): $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--no-as-needed $(LIBS)

# --- install ------------------------------------------------------------------------------------------

bindir   = $(DESTDIR)$(PREFIX)/bin
themedir = $(DESTDIR)$(PREFIX)/share/tlstep/themes
mandir   = $(DESTDIR)$(PREFIX)/share/man/man1

.PHONY: install uninstall clean
install: $(PROGRAM) $(BUILD)/tlstep.1
	install -d '$(bindir)' '$(themedir)' '$(mandir)'
	install -m 755 $(PROGRAM) '$(bindir)/tlstep'
	install -m 644 $(THEMES) '$(themedir)'
	install -m 644 $(BUILD)/tlstep.1 '$(mandir)/tlstep.1'

# The manual page is made from the tables of options, commands and scenarios, like --help.
$(BUILD)/tlstep.1: $(PROGRAM)
	$(call say,MAN)$(PROGRAM) --manual >$@

uninstall:
	rm -f '$(bindir)/tlstep' '$(mandir)/tlstep.1'
	rm -rf '$(DESTDIR)$(PREFIX)/share/tlstep'

clean:
	rm -rf '$(BUILD)' $(if $(filter build,$(BUILD)),tlstep)
