/*
 * One width of vectors: AVX-512 (16 floats) or AVX2 with FMA (8 floats), whichever the compiler was told the processor has;
 * -DWIDTH=8 asks for AVX2 on a processor that has both.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <immintrin.h>

#ifndef WIDTH
#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX2__) && defined(__FMA__)
#define WIDTH 8
#else
#error "neither AVX-512 nor AVX2 with FMA: there is no hand-written version for this processor"
#endif
#endif

#define INLINE static inline __attribute__((always_inline))

#if WIDTH == 16

#define WIDTH_NAME "AVX-512"
/* Rows of one pass of the product: rows x gates accumulators and the gates' weights fill the 32 registers. */
#define GRU_ROWS 8
#define LSTM_ROWS 4
typedef __m512 vec;

INLINE vec load(const float *from) { return _mm512_loadu_ps(from); }
INLINE vec spread(float value) { return _mm512_set1_ps(value); }
INLINE vec add(vec a, vec b) { return _mm512_add_ps(a, b); }
INLINE vec sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
INLINE vec mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
INLINE vec muladd(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vec least(vec a, vec b) { return _mm512_min_ps(a, b); }
INLINE vec most(vec a, vec b) { return _mm512_max_ps(a, b); }
INLINE float total(vec a) { return _mm512_reduce_add_ps(a); }

/* 1/a: an estimate of 14 bits and one step of Newton. */
INLINE vec inverse(vec a) {
  vec y = _mm512_rcp14_ps(a);
  return muladd(y, _mm512_fnmadd_ps(a, y, spread(1.0f)), y);
}

INLINE vec nearest(vec a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* a * 2^whole */
INLINE vec scale(vec a, vec whole) { return _mm512_scalef_ps(a, whole); }

INLINE void store(float *to, vec a, int count) {
  if (count >= WIDTH) _mm512_storeu_ps(to, a);
  else _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), a);
}

#else

#define WIDTH_NAME "AVX2 and FMA"
#define GRU_ROWS 4
#define LSTM_ROWS 2
typedef __m256 vec;

INLINE vec load(const float *from) { return _mm256_loadu_ps(from); }
INLINE vec spread(float value) { return _mm256_set1_ps(value); }
INLINE vec add(vec a, vec b) { return _mm256_add_ps(a, b); }
INLINE vec sub(vec a, vec b) { return _mm256_sub_ps(a, b); }
INLINE vec mul(vec a, vec b) { return _mm256_mul_ps(a, b); }
INLINE vec muladd(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vec least(vec a, vec b) { return _mm256_min_ps(a, b); }
INLINE vec most(vec a, vec b) { return _mm256_max_ps(a, b); }

INLINE float total(vec a) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

/* 1/a: an estimate of 12 bits and one step of Newton. */
INLINE vec inverse(vec a) {
  vec y = _mm256_rcp_ps(a);
  return muladd(y, _mm256_fnmadd_ps(a, y, spread(1.0f)), y);
}

INLINE vec nearest(vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE vec scale(vec a, vec whole) {
  __m256i shifted = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), shifted));
}

INLINE void store(float *to, vec a, int count) {
  if (count >= WIDTH) {
    _mm256_storeu_ps(to, a);
    return;
  }
  float all[WIDTH];
  _mm256_storeu_ps(all, a);
  for (int k = 0; k < count; k++) to[k] = all[k];
}

#endif

/* 2^t for t limited to -60...60, where every sigmoid and tanh has long arrived; minimax of degree 5, 7.5e-8. */
INLINE vec power2(vec t) {
  t = most(least(t, spread(60.0f)), spread(-60.0f));
  vec whole = nearest(t);
  vec f = sub(t, whole);
  vec p = muladd(spread(0.0013276471979406395f), f, spread(0.009675541334208455f));
  p = muladd(p, f, spread(0.055507132735427844f));
  p = muladd(p, f, spread(0.24022119723848676f));
  p = muladd(p, f, spread(0.6931469670647331f));
  p = muladd(p, f, spread(1.0000000716546822f));
  return scale(p, whole);
}

#endif
