/*
 * The step of a GRU (reset-after) or LSTM with a dense head 1 wide, written by hand with intrinsics: what a C programmer
 * would do who has a day. Gather, step, scatter and head, for batches of rows of one slab.
 *
 *   recurrent CELL HIDDEN INPUTS SLOTS WEIGHTS     CELL gru or lstm; WEIGHTS a file of float32:
 *                                                  weight_ih, weight_hh, bias_ih, bias_hh, head weight, head bias
 * It then answers lines of standard input:
 *   work FILE       int32 batch, int32 lists, then lists x batch int32 rows and lists x batch x inputs float32
 *   check N FILE    from zero states: steps the first N lists and writes their outputs (N x batch float32)
 *   run N           steps N lists in turn; answers the nanoseconds that took
 *
 * How: 16 rows a tile are gathered into the nearest cache; a panel is the gates of WIDTH units side by side, so that one
 * pass over k gives all that those units' activations need, and they are computed while still in registers. log2(e) is
 * folded into the weights, so exp is 2^t; the divisions of z and n, and those of i, g and o, c, are merged.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vector.h"

#define HIDDEN_MAX 512
#define INPUTS_MAX 256

struct net {
  int hidden, inputs, gates, panels, stride;
  /* Floats of a panel: [bias: gates + 1][each input: gates][each hidden unit: gates] vectors; the GRU's extra bias is b_hn. */
  int panelSize;
  float *weights, *headWeight;
  float headBias;
};

struct work {
  int batch, lists;
  int32_t *rows;
  float *x;
};

static float *floats(size_t count) {
  float *all = aligned_alloc(64, (count * sizeof(float) + 127) / 64 * 64);
  if (all == NULL) exit(3);
  memset(all, 0, (count * sizeof(float) + 127) / 64 * 64);
  return all;
}

/* R passes of rows at once; R is a constant wherever this is inlined, so that the sums stay in registers. */
INLINE void gru_rows(const struct net *net, const int R, const float *tile, const float *x, float *const *state, float *y) {
  const int H = net->hidden, I = net->inputs, P = net->stride;
  vec head[GRU_ROWS];
  for (int r = 0; r < R; r++) head[r] = spread(0.0f);
  for (int panel = 0; panel < net->panels; panel++) {
    const float *bias = net->weights + (size_t)panel * net->panelSize;
    const float *wx = bias + 4 * WIDTH, *w = wx + (size_t)I * 3 * WIDTH;
    vec ar[GRU_ROWS], az[GRU_ROWS], an[GRU_ROWS];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      ar[r] = load(bias);
      az[r] = load(bias + WIDTH);
      an[r] = load(bias + 3 * WIDTH);
    }
    for (int k = 0; k < I; k++) {
      vec wr = load(wx + k * 3 * WIDTH), wz = load(wx + k * 3 * WIDTH + WIDTH);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        vec v = spread(x[r * I + k]);
        ar[r] = muladd(v, wr, ar[r]);
        az[r] = muladd(v, wz, az[r]);
      }
    }
    for (int k = 0; k < H; k++) {
      vec wr = load(w), wz = load(w + WIDTH), wn = load(w + 2 * WIDTH);
      w += 3 * WIDTH;
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        vec v = spread(tile[r * P + k]);
        ar[r] = muladd(v, wr, ar[r]);
        az[r] = muladd(v, wz, az[r]);
        an[r] = muladd(v, wn, an[r]);
      }
    }
    const vec one = spread(1.0f), wHead = load(net->headWeight + panel * WIDTH);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      vec nx = load(bias + 2 * WIDTH);
      for (int k = 0; k < I; k++) nx = muladd(spread(x[r * I + k]), load(wx + k * 3 * WIDTH + 2 * WIDTH), nx);
      vec reset = inverse(add(one, power2(ar[r])));
      vec ez = power2(az[r]), en = power2(muladd(reset, an[r], nx));
      /* h' = (1 - z) n + z h with z = 1/(1 + ez) and n = (en - 1)/(en + 1). */
      vec above = muladd(ez, sub(en, one), mul(load(tile + r * P + panel * WIDTH), add(en, one)));
      vec h = mul(above, inverse(mul(add(one, ez), add(en, one))));
      store(state[r] + panel * WIDTH, h, H - panel * WIDTH);
      head[r] = muladd(h, wHead, head[r]);
    }
  }
  for (int r = 0; r < R; r++) y[r] = total(head[r]) + net->headBias;
}

INLINE void lstm_rows(const struct net *net, const int R, const float *tile, const float *x, float *const *state, float *y) {
  const int H = net->hidden, I = net->inputs, P = net->stride;
  vec head[LSTM_ROWS];
  for (int r = 0; r < R; r++) head[r] = spread(0.0f);
  for (int panel = 0; panel < net->panels; panel++) {
    const float *bias = net->weights + (size_t)panel * net->panelSize;
    const float *w = bias + 4 * WIDTH;
    vec sum[LSTM_ROWS][4];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++)
#pragma GCC unroll 4
      for (int g = 0; g < 4; g++) sum[r][g] = load(bias + g * WIDTH);
    for (int k = 0; k < I + H; k++) {
      vec wi = load(w), wf = load(w + WIDTH), wg = load(w + 2 * WIDTH), wo = load(w + 3 * WIDTH);
      w += 4 * WIDTH;
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        vec v = spread(k < I ? x[r * I + k] : tile[r * P + k - I]);
        sum[r][0] = muladd(v, wi, sum[r][0]);
        sum[r][1] = muladd(v, wf, sum[r][1]);
        sum[r][2] = muladd(v, wg, sum[r][2]);
        sum[r][3] = muladd(v, wo, sum[r][3]);
      }
    }
    const vec one = spread(1.0f), wHead = load(net->headWeight + panel * WIDTH);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      vec ei = power2(sum[r][0]), ef = power2(sum[r][1]), eg = power2(sum[r][2]), eo = power2(sum[r][3]);
      float *c = state[r] + H + panel * WIDTH;
      vec in = mul(sub(eg, one), inverse(mul(add(one, ei), add(eg, one))));
      vec cell = muladd(load(c), inverse(add(one, ef)), in);
      vec ec = power2(mul(cell, spread(2.8853900817779268f)));
      vec h = mul(sub(ec, one), inverse(mul(add(one, eo), add(ec, one))));
      store(c, cell, H - panel * WIDTH);
      store(state[r] + panel * WIDTH, h, H - panel * WIDTH);
      head[r] = muladd(h, wHead, head[r]);
    }
  }
  for (int r = 0; r < R; r++) y[r] = total(head[r]) + net->headBias;
}

#define ROWS_OF(name, R)                                                                                             \
  static void name##_##R(const struct net *net, const float *tile, const float *x, float *const *state, float *y) {  \
    name##_rows(net, R, tile, x, state, y);                                                                          \
  }
ROWS_OF(gru, 8)
ROWS_OF(gru, 4)
ROWS_OF(gru, 2)
ROWS_OF(gru, 1)
ROWS_OF(lstm, 4)
ROWS_OF(lstm, 2)
ROWS_OF(lstm, 1)

static void some_rows(const struct net *net, int R, const float *tile, const float *x, float *const *state, float *y) {
  if (net->gates == 3) (R == 8 ? gru_8 : R == 4 ? gru_4 : R == 2 ? gru_2 : gru_1)(net, tile, x, state, y);
  else (R == 4 ? lstm_4 : R == 2 ? lstm_2 : lstm_1)(net, tile, x, state, y);
}

static void step(const struct net *net, float *slab, const int32_t *rows, int count, const float *x, float *y) {
  enum { TILE = 16 };
  static float tile[TILE * (HIDDEN_MAX + WIDTH)] __attribute__((aligned(64)));
  float *state[TILE];
  const int most = net->gates == 3 ? GRU_ROWS : LSTM_ROWS;
  const int stateSize = net->gates == 3 ? net->hidden : 2 * net->hidden;
  for (int first = 0; first < count; first += TILE) {
    const int tall = count - first < TILE ? count - first : TILE;
    for (int r = 0; r < tall; r++) {
      state[r] = slab + (size_t)rows[first + r] * stateSize;
      for (int k = 0; k < net->hidden; k += WIDTH) store(tile + r * net->stride + k, load(state[r] + k), WIDTH);
    }
    /* The next tile's rows lie anywhere: they are asked for while this one is computed. */
    for (int r = first + TILE; r < first + 2 * TILE && r < count; r++) {
      const char *ahead = (const char *)(slab + (size_t)rows[r] * stateSize);
      for (int line = 0; line < stateSize * 4; line += 64) __builtin_prefetch(ahead + line, 1);
    }
    for (int r = 0; r < tall;) {
      int R = most;
      while (R > tall - r) R /= 2;
      some_rows(net, R, tile + r * net->stride, x + (size_t)(first + r) * net->inputs, state + r, y + first + r);
      r += R;
    }
  }
}

static void read_all(void *to, size_t size, size_t count, FILE *file) {
  if (fread(to, size, count, file) != count) {
    fprintf(stderr, "a file is shorter than it should be\n");
    exit(3);
  }
}

static FILE *open_file(const char *path, const char *how) {
  FILE *file = fopen(path, how);
  if (file == NULL) {
    fprintf(stderr, "cannot open %s\n", path);
    exit(3);
  }
  return file;
}

/* Lays the weights out in panels, scaled so that a gate's exponential is a power of two. */
static void read_net(struct net *net, const char *path) {
  const int H = net->hidden, I = net->inputs, G = net->gates;
  net->panels = (H + WIDTH - 1) / WIDTH;
  net->stride = net->panels * WIDTH;
  net->panelSize = (4 + (I + H) * G) * WIDTH;
  net->weights = floats((size_t)net->panels * net->panelSize);
  net->headWeight = floats(net->stride);
  float *wIn = floats((size_t)G * H * I), *wHidden = floats((size_t)G * H * H), *bIn = floats(G * H), *bHidden = floats(G * H);
  FILE *file = open_file(path, "rb");
  read_all(wIn, 4, (size_t)G * H * I, file);
  read_all(wHidden, 4, (size_t)G * H * H, file);
  read_all(bIn, 4, G * H, file);
  read_all(bHidden, 4, G * H, file);
  read_all(net->headWeight, 4, H, file);
  read_all(&net->headBias, 4, 1, file);
  fclose(file);
  for (int unit = 0; unit < H; unit++) {
    float *panel = net->weights + (size_t)(unit / WIDTH) * net->panelSize + unit % WIDTH;
    for (int g = 0; g < G; g++) {
      const float factor = g == 2 ? 2.8853900817779268f : -1.4426950408889634f;
      const int row = g * H + unit;
      const int isNew = G == 3 && g == 2;
      panel[g * WIDTH] = factor * (isNew ? bIn[row] : bIn[row] + bHidden[row]);
      if (isNew) panel[3 * WIDTH] = factor * bHidden[row];
      for (int k = 0; k < I; k++) panel[(4 + k * G + g) * WIDTH] = factor * wIn[row * I + k];
      for (int k = 0; k < H; k++) panel[(4 + (I + k) * G + g) * WIDTH] = factor * wHidden[row * H + k];
    }
  }
  free(wIn), free(wHidden), free(bIn), free(bHidden);
}

static void read_work(struct work *work, int inputs, const char *path) {
  int32_t sizes[2];
  FILE *file = open_file(path, "rb");
  read_all(sizes, 4, 2, file);
  work->batch = sizes[0], work->lists = sizes[1];
  const size_t count = (size_t)work->batch * work->lists;
  free(work->rows), free(work->x);
  work->rows = (int32_t *)floats(count);
  work->x = floats(count * inputs);
  read_all(work->rows, 4, count, file);
  read_all(work->x, 4, count * inputs, file);
  fclose(file);
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  struct net net = {.hidden = atoi(argv[2]), .inputs = atoi(argv[3]), .gates = strcmp(argv[1], "gru") == 0 ? 3 : 4};
  if (net.hidden < 1 || net.hidden > HIDDEN_MAX || net.inputs < 1 || net.inputs > INPUTS_MAX) return 2;
  const size_t slabSize = (size_t)atoi(argv[4]) * net.hidden * (net.gates == 3 ? 1 : 2);
  read_net(&net, argv[5]);
  float *slab = floats(slabSize + WIDTH);
  struct work work = {0};
  float *y = NULL;
  char word[16], path[4096];
  int count, next = 0;
  printf("%s\n", WIDTH_NAME);
  fflush(stdout);
  while (scanf("%15s", word) == 1) {
    if (strcmp(word, "work") == 0 && scanf(" %4095[^\n]", path) == 1) {
      read_work(&work, net.inputs, path);
      free(y);
      y = floats(work.batch);
      next = 0;
      printf("ready\n");
    } else if (strcmp(word, "check") == 0 && scanf("%d %4095[^\n]", &count, path) == 2) {
      memset(slab, 0, slabSize * 4);
      FILE *file = open_file(path, "wb");
      for (int list = 0; list < count; list++) {
        step(&net, slab, work.rows + (size_t)list * work.batch, work.batch, work.x + (size_t)list * work.batch * net.inputs, y);
        fwrite(y, 4, work.batch, file);
      }
      fclose(file);
      printf("checked\n");
    } else if (strcmp(word, "run") == 0 && scanf("%d", &count) == 1) {
      const double start = now_ns();
      for (int done = 0; done < count; done++) {
        const size_t at = (size_t)next * work.batch;
        step(&net, slab, work.rows + at, work.batch, work.x + at * net.inputs, y);
        next = next + 1 == work.lists ? 0 : next + 1;
      }
      printf("%.0f\n", now_ns() - start);
    } else {
      return 2;
    }
    fflush(stdout);
  }
  return 0;
}
