/*-------------------------------------------------------------------------
 *
 * solve.c
 *	  Small linear systems, and minima without derivatives.
 *
 * src/forecast/solve.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "forecast/forecast_int.h"

/* At most so many parameters are searched for. */
#define MAX_DIMENSIONS 4

/* A search stops once the values of its corners differ by no more. */
#define RELATIVE_SPREAD 1e-3

/* The corners of a simplex, best first, with their values. */
typedef struct Simplex
{
	SpmObjective objective;
	void *context;
	int dimensions;
	const double *low;
	const double *high;
	int evaluations; /* left */
	double corners[MAX_DIMENSIONS + 1][MAX_DIMENSIONS];
	double values[MAX_DIMENSIONS + 1];
} Simplex;

static double evaluate(Simplex *simplex, double *point);
static void sort_corners(Simplex *simplex);
static void improve(Simplex *simplex);
static double try_factor(Simplex *simplex, const double *centre, double factor,
						 double *point);
static void replace_worst(Simplex *simplex, const double *point, double value);
static void shrink(Simplex *simplex);

/*
 * Solve matrix * x = vector for a symmetric positive definite matrix of which
 * the lower triangle is read, row after row; both are overwritten, the vector
 * by x.  False, with nothing to use, if it is not positive definite.
 */
bool
spm_cholesky_solve(double *matrix, double *vector, int size)
{
	for (int j = 0; j < size; j++)
	{
		double *row = matrix + j * size;

		for (int k = 0; k <= j; k++)
		{
			const double *other = matrix + k * size;
			double sum = row[k];

			for (int i = 0; i < k; i++)
				sum -= row[i] * other[i];
			if (k < j)
				row[k] = sum / other[k];
			else if (sum > 0 && isfinite(sum))
				row[k] = sqrt(sum);
			else
				return false;
		}
	}
	for (int j = 0; j < size; j++)
	{
		for (int i = 0; i < j; i++)
			vector[j] -= matrix[j * size + i] * vector[i];
		vector[j] /= matrix[j * size + j];
	}
	for (int j = size - 1; j >= 0; j--)
	{
		for (int i = j + 1; i < size; i++)
			vector[j] -= matrix[i * size + j] * vector[i];
		vector[j] /= matrix[j * size + j];
	}
	return true;
}

/*
 * Look for the minimum of a function inside a box, from a point that becomes
 * the best one found: Nelder and Mead's simplex (Computer Journal 7, 1965),
 * points outside moved to the border.  The objective may be infinite.
 */
void
spm_simplex_minimise(SpmObjective objective, void *context, int dimensions,
					 const double *low, const double *high, const double *steps,
					 int evaluations, double *point)
{
	Simplex simplex = {.objective = objective,
					   .context = context,
					   .dimensions = dimensions,
					   .low = low,
					   .high = high,
					   .evaluations = evaluations};

	for (int i = 0; i <= dimensions; i++)
	{
		memcpy(simplex.corners[i], point, sizeof(double) * dimensions);
		if (i > 0)
			simplex.corners[i][i - 1] += steps[i - 1];
		simplex.values[i] = evaluate(&simplex, simplex.corners[i]);
	}
	sort_corners(&simplex);
	while (simplex.evaluations > 0 &&
		   !(simplex.values[dimensions] - simplex.values[0] <=
			 RELATIVE_SPREAD * fabs(simplex.values[0])))
	{
		improve(&simplex);
		sort_corners(&simplex);
	}
	memcpy(point, simplex.corners[0], sizeof(double) * dimensions);
}

/* Value at a point, which is moved into the box. */
static double
evaluate(Simplex *simplex, double *point)
{
	double value;

	for (int i = 0; i < simplex->dimensions; i++)
		point[i] = fmin(fmax(point[i], simplex->low[i]), simplex->high[i]);
	simplex->evaluations--;
	value = simplex->objective(point, simplex->context);
	return isnan(value) ? INFINITY : value;
}

static void
sort_corners(Simplex *simplex)
{
	for (int i = 1; i <= simplex->dimensions; i++)
		for (int j = i; j > 0 && simplex->values[j] < simplex->values[j - 1];
			 j--)
		{
			double value = simplex->values[j];
			double corner[MAX_DIMENSIONS];

			memcpy(corner, simplex->corners[j], sizeof(corner));
			memcpy(simplex->corners[j],
				   simplex->corners[j - 1],
				   sizeof(corner));
			memcpy(simplex->corners[j - 1], corner, sizeof(corner));
			simplex->values[j] = simplex->values[j - 1];
			simplex->values[j - 1] = value;
		}
}

/* One round: reflect the worst corner, expand, contract, or shrink all. */
static void
improve(Simplex *simplex)
{
	int worst = simplex->dimensions;
	double centre[MAX_DIMENSIONS] = {0};
	double reflected[MAX_DIMENSIONS];
	double other[MAX_DIMENSIONS];
	double value;
	double other_value;

	for (int i = 0; i < worst; i++)
		for (int j = 0; j < simplex->dimensions; j++)
			centre[j] += simplex->corners[i][j] / simplex->dimensions;
	value = try_factor(simplex, centre, -1, reflected);
	if (value < simplex->values[0])
	{
		other_value = try_factor(simplex, centre, -2, other);
		if (other_value < value)
			replace_worst(simplex, other, other_value);
		else
			replace_worst(simplex, reflected, value);
		return;
	}
	if (value < simplex->values[worst - 1])
	{
		replace_worst(simplex, reflected, value);
		return;
	}
	if (value < simplex->values[worst])
		replace_worst(simplex, reflected, value);
	other_value = try_factor(simplex, centre, 0.5, other);
	if (other_value < simplex->values[worst])
		replace_worst(simplex, other, other_value);
	else
		shrink(simplex);
}

/* Value at centre + factor * (worst - centre), which becomes the point. */
static double
try_factor(Simplex *simplex, const double *centre, double factor, double *point)
{
	for (int j = 0; j < simplex->dimensions; j++)
		point[j] = centre[j] +
				   factor *
					   (simplex->corners[simplex->dimensions][j] - centre[j]);
	return evaluate(simplex, point);
}

static void
replace_worst(Simplex *simplex, const double *point, double value)
{
	memcpy(simplex->corners[simplex->dimensions],
		   point,
		   sizeof(double) * simplex->dimensions);
	simplex->values[simplex->dimensions] = value;
}

/* Move all corners half way to the best one. */
static void
shrink(Simplex *simplex)
{
	for (int i = 1; i <= simplex->dimensions; i++)
	{
		for (int j = 0; j < simplex->dimensions; j++)
			simplex->corners[i][j] =
				(simplex->corners[i][j] + simplex->corners[0][j]) / 2;
		simplex->values[i] = evaluate(simplex, simplex->corners[i]);
	}
}
