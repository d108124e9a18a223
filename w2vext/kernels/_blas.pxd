"""All calls of BLAS: scipy.linalg.cython_blas, in float and double, on row-major matrices.

Other modules do not import cython_blas. `blas_int` comes from setup.py, which looks up whether the installed
SciPy has it (1.18 and later). Every function is declared noexcept: otherwise Cython would take a dot product
of exactly -1.0 for a possible exception.
"""

from _blas_int cimport blas_int
from cython cimport floating
from scipy.linalg.cython_blas cimport daxpy, ddot, dgemm, saxpy, sdot, sgemm


cdef inline floating dot(int n, floating *x, floating *y) noexcept nogil:
    """Sum of x[i] * y[i]."""
    cdef blas_int size = n, one = 1
    if floating is float:
        return sdot(&size, x, &one, y, &one)
    else:
        return ddot(&size, x, &one, y, &one)


cdef inline void axpy(int n, floating a, floating *x, floating *y) noexcept nogil:
    """y += a * x."""
    cdef blas_int size = n, one = 1
    if floating is float:
        saxpy(&size, &a, x, &one, y, &one)
    else:
        daxpy(&size, &a, x, &one, y, &one)


cdef inline void gemm(bint ta, bint tb, int m, int n, int k, floating *a, int lda, floating *b,
                      int ldb, floating beta, floating *c, int ldc) noexcept nogil:
    """Row-major C (m, n) = op(A) (m, k) @ op(B) (k, n) + beta * C; ld*: floats from row to row."""
    cdef blas_int rows = m, columns = n, inner = k, la = lda, lb = ldb, lc = ldc
    cdef char opa = b'T' if ta else b'N'
    cdef char opb = b'T' if tb else b'N'
    cdef floating one = 1
    # BLAS is column-major, so it is given C^T = op(B)^T op(A)^T.
    if floating is float:
        sgemm(&opb, &opa, &columns, &rows, &inner, &one, b, &lb, a, &la, &beta, c, &lc)
    else:
        dgemm(&opb, &opa, &columns, &rows, &inner, &one, b, &lb, a, &la, &beta, c, &lc)
