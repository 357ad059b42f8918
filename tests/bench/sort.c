/* tests/bench/sort.c - integer kernel: quicksort, heapsort and binary searches over 64 Ki words. */
#include "tests/bench/bench.h"

#define N 65536u
#define ROUNDS 22u

static uint32_t a[N];

static void insertion(uint32_t *v, int n)
{
	for (int i = 1; i < n; i++) {
		uint32_t x = v[i];
		int j = i;
		for (; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static void quick(uint32_t *v, int n)
{
	while (n > 12) {
		uint32_t pivot = v[n / 2];
		int i = 0, j = n - 1;
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			uint32_t t = v[i];
			v[i++] = v[j];
			v[j--] = t;
		}
		quick(v, j + 1);
		v += j + 1;
		n -= j + 1;
	}
	insertion(v, n);
}

static void sift(uint32_t *v, uint32_t root, uint32_t n)
{
	uint32_t x = v[root];
	for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && v[child + 1] > v[child])
			child++;
		if (v[child] <= x)
			break;
		v[root] = v[child];
	}
	v[root] = x;
}

static void heap(uint32_t *v, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift(v, i, n);
	while (n > 1) {
		uint32_t t = v[0];
		v[0] = v[--n];
		v[n] = t;
		sift(v, 0, n);
	}
}

static uint32_t search(uint32_t x)
{
	uint32_t low = 0, high = N;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (a[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void fill(uint32_t *seed)
{
	for (uint32_t i = 0; i < N; i++)
		a[i] = bench_next(seed) ^ bench_next(seed) >> 16;
}

uint32_t bench(void)
{
	uint32_t seed = 7, sum = 0;
	for (uint32_t r = 0; r < ROUNDS; r++) {
		fill(&seed);
		quick(a, N);
		for (uint32_t i = 0; i < N; i++)
			sum = sum * 31 + search(bench_next(&seed));
		fill(&seed);
		heap(a, N);
		for (uint32_t i = 1; i < N; i++)
			sum += (a[i - 1] <= a[i]) * a[i];
	}
	return sum;
}
