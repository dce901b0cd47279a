/*-------------------------------------------------------------------------
 *
 * smoothing_start.c
 *	  Correct the states before the first value of a series.
 *
 * Errors are linear in these states.  So what a unit of each adds to every
 * forecast is found by running the same model over zeros, and the best
 * correction is a ridge regression of the errors on that; exact, and cheaper
 * than searching the states.
 *
 * src/forecast/smoothing_start.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "forecast/smoothing_int.h"

#define MAX_STATES (2 + MAX_SEASON_STATES)

/* Prior of the seasonal states in squared units of the scaled data. */
#define SEASON_RIDGE 1.0
#define LINE_RIDGE 1e-9

/* What the first states add is forgotten below this sum of squares. */
#define NEGLIGIBLE 1e-7

/* Responses to a unit of each state: level, trend if any, then seasons. */
typedef struct Responses
{
	int count;
	double level[MAX_STATES];
	double trend[MAX_STATES];
	double seasons[MAX_SEASON_STATES][MAX_STATES];
} Responses;

static void start_responses(const SmoothingModel *model, Responses *responses);
static double respond(const SmoothingModel *model, Responses *responses, int j,
					  double *row);

/* Correct level, trend and seasons of a model to its present parameters. */
void
spm_smoothing_correct(SmoothingModel *model, const double *values, int count)
{
	Responses responses;
	int q;
	int lines = model->has_trend ? 2 : 1;
	int season = Max(model->season, 1);
	double *errors = palloc(sizeof(double) * count);
	double matrix[MAX_STATES * MAX_STATES] = {0};
	double vector[MAX_STATES] = {0};
	double row[MAX_STATES];

	start_responses(model, &responses);
	q = responses.count;
	spm_smoothing_run(model, values, count, errors, NULL);
	for (int t = 0; t < count; t++)
	{
		if (respond(model, &responses, t % season, row) < NEGLIGIBLE &&
			t > 2 * season)
			break;
		for (int i = 0; i < q; i++)
		{
			for (int k = 0; k <= i; k++)
				matrix[i * q + k] += row[i] * row[k];
			vector[i] += row[i] * errors[t];
		}
	}
	pfree(errors);
	for (int i = 0; i < q; i++)
		matrix[i * q + i] += i < lines ? LINE_RIDGE * matrix[i * q + i]
									   : SEASON_RIDGE;
	if (!spm_cholesky_solve(matrix, vector, q))
		return;
	model->level += vector[0];
	if (model->has_trend)
		model->trend += vector[1];
	for (int j = 0; j < model->season; j++)
		model->seasons[j] += vector[lines + j];
}

/* A unit of each state, and nothing else. */
static void
start_responses(const SmoothingModel *model, Responses *responses)
{
	int lines = model->has_trend ? 2 : 1;

	memset(responses, 0, sizeof(*responses));
	responses->count = lines + model->season;
	responses->level[0] = 1;
	if (model->has_trend)
		responses->trend[1] = 1;
	for (int j = 0; j < model->season; j++)
		responses->seasons[j][lines + j] = 1;
}

/*
 * One step in season j: what a unit of each state adds to the forecast of
 * this value; returns the sum of squares.
 */
static double
respond(const SmoothingModel *model, Responses *responses, int j, double *row)
{
	double *level = responses->level;
	double *trend = responses->trend;
	double *season = responses->seasons[j];
	double norm = 0;

	for (int i = 0; i < responses->count; i++)
	{
		double u = level[i] + model->phi * trend[i];
		double added = u + season[i];

		row[i] = added;
		norm += added * added;
		level[i] = u - model->alpha * added;
		trend[i] = model->phi * trend[i] - model->beta * added;
		season[i] -= model->gamma * added;
	}
	return norm;
}
