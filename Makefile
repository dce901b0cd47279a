EXTENSION  = salesperf
MODULE_big = salesperf

# Modules, lowest floor first.  A module may use modules to its left only.
FLOORS = core tier split forecast org sale measure target agreement commission report entry
# What a module's SQL may be called, in the order the pieces are installed.
KINDS  = schema types tables functions performance checks aggregates operators triggers views access
# What setup() creates as ordinary objects: src/<module>/model/<kind>.sql.
MODEL_KINDS = roles tables constraints triggers views access sources

HERE       := $(dir $(lastword $(MAKEFILE_LIST)))
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(HERE)$(EXTENSION).control)
here_glob   = $(patsubst $(HERE)%,%,$(sort $(wildcard $(addprefix $(HERE),$(1)))))

OBJS        = $(patsubst %.c,%.o,$(foreach f,$(FLOORS),$(call here_glob,src/$(f)/*.c)))
INSTALL_SQL = $(foreach f,$(FLOORS),$(foreach k,$(KINDS),$(call here_glob,src/$(f)/$(k).sql)))
MODEL_SQL   = $(foreach k,$(MODEL_KINDS),$(foreach f,$(FLOORS),$(call here_glob,src/$(f)/model/$(k).sql)))
STRAY_SQL   = $(filter-out $(INSTALL_SQL) $(MODEL_SQL) src/upgrade/%,$(call here_glob,src/*/*.sql src/*/model/*.sql))
ifneq ($(STRAY_SQL),)
$(error not installed by any rule, rename or add to KINDS: $(STRAY_SQL))
endif

DATA        = $(call here_glob,src/upgrade/$(EXTENSION)--*.sql)
DATA_built  = $(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = results regression.diffs regression.out output_iso tmp_check tmp_check_iso

TESTS          = $(basename $(notdir $(call here_glob,sql/*.sql)))
REGRESS        = install $(filter-out install uninstall,$(TESTS)) uninstall
ISOLATION      = $(basename $(notdir $(call here_glob,test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(HERE)test/isolation --load-extension=btree_gist --load-extension=$(EXTENSION)
TAP_TESTS      = 1
PROVE_TESTS    = test/t/*.pl
# Else servers of TAP tests would note their ports in PostgreSQL's own folder.
export PG_TEST_PORT_DIR ?= $(CURDIR)/tmp_check

PG_CPPFLAGS = -I$(HERE)src
# PostgreSQL 16 hides a module's symbols by default; 15 needs to be told.
PG_CFLAGS   = -fvisibility=hidden -DPGDLLEXPORT='__attribute__((visibility("default")))'
# The server binds a module's symbols when it loads it, so a table of stubs would
# only be code that each order has to fetch.
PG_CFLAGS  += -fno-plt

# The two goals of a new machine install PostgreSQL first, so they must not
# need it to be read.
ifneq ($(filter demo test bench,$(MAKECMDGOALS)),)
.PHONY: demo test bench
demo:
	$(HERE)demo/run.sh
test:
	$(HERE)test/run.sh
bench:
	$(HERE)bench/run.sh
else

PG_CONFIG ?= pg_config
PGXS      := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(DATA_built): $(INSTALL_SQL) $(MODEL_SQL) $(EXTENSION).control $(HERE)Makefile
	{ for f in $(addprefix $(HERE),$(INSTALL_SQL)); do printf -- '-- %s\n' "$${f#$(HERE)}"; cat "$$f"; done; \
	  printf '%s\n' '-- src/*/model: what setup() creates' \
	    'CREATE FUNCTION salesperf.model_script() RETURNS TABLE (fragment text, script text)' \
	    'LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp' 'AS $$model$$ VALUES'; \
	  comma=; for f in $(addprefix $(HERE),$(MODEL_SQL)); do \
	    printf "%s ('%s', \$$fragment\$$\n" "$$comma" "$${f#$(HERE)}"; cat "$$f"; printf '$$fragment$$)\n'; comma=,; done; \
	  printf '%s\n' '$$model$$;' "COMMENT ON FUNCTION salesperf.model_script() IS 'statements of setup(), in order';" \
	    'REVOKE ALL ON FUNCTION salesperf.model_script() FROM PUBLIC;'; } > $@

# Packaged PostgreSQL is built without --enable-depend: state it by hand.
$(OBJS): $(wildcard $(HERE)src/*/*.h)

# Object directories for VPATH builds.  Absolute, because make would otherwise
# find the directory of that name in the source tree and do nothing.
OBJDIRS = $(addprefix $(CURDIR)/,$(sort $(dir $(OBJS))))
$(OBJS) $(OBJS:.o=.bc): | $(OBJDIRS)
$(OBJDIRS):
	$(MKDIR_P) $@

.PHONY: pgtap
pgtap:
	pg_prove --ext .sql -r $(HERE)test/pgtap
endif
